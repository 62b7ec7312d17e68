/** A server could not be started or asked: what happened, and what to do about it. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly fix: string;

  constructor(message: string, fix: string, options?: ErrorOptions) {
    super(`${message}\nfix: ${fix}`, options);
    this.fix = fix;
  }
}
