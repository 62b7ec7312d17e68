/** The work was given up on request; no fault. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';

  constructor(message = 'stopped') {
    super(message);
  }
}
