/** What threads that read parts of a recorded directory tell each other. */
import { CorruptError } from '../../parsers/index.js';
import { IoError } from '../errors.js';
import type { TallyCounts } from '../events/tally.js';
import type { StreamPosition } from '../publisher/publisher.js';
import type { SharedMemory } from './shared-chunks.js';

/** What a reading thread is begun with. */
export interface PartThreadData {
  /** Path of the schema. */
  readonly schema: string;
  /** Where it writes lines. */
  readonly memory: SharedMemory;
}

/** In order, of one part after the other. */
export type PartMessage = PieceMessage | LongMessage | PartEnd;

/** Lines, perhaps none, in a shared chunk. */
export interface PieceMessage {
  readonly kind: 'piece';
  readonly chunk: number;
  readonly start: number;
  readonly end: number;
  /** The last of this chunk, which is free when they have been written. */
  readonly isLast: boolean;
}

/** Lines that no shared chunk was large enough for. */
export interface LongMessage {
  readonly kind: 'long';
  readonly lines: Uint8Array<ArrayBuffer>;
}

/** Behind the last piece of a part. */
export interface PartEnd {
  readonly kind: 'end';
  readonly counts: TallyCounts;
  /** Behind its last mutation; undefined when it has none. */
  readonly position: StreamPosition | undefined;
  /** Why it was not read to its end. */
  readonly failure: Failure | undefined;
}

/** An error on its way: between threads its class and what it says beside its message would be lost. */
export type Failure =
  | { readonly family: 'corrupt'; readonly code: CorruptError['code']; readonly position: number; readonly message: string }
  | { readonly family: 'io'; readonly code: string; readonly message: string; readonly fix: string | undefined }
  | { readonly family: 'bug'; readonly stack: string };

export function failureOf(error: unknown): Failure {
  if (error instanceof CorruptError) return { family: 'corrupt', code: error.code, position: error.position, message: error.message };
  if (error instanceof IoError) return { family: 'io', code: error.code, message: error.message, fix: error.fix };
  return { family: 'bug', stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export function errorOf(failure: Failure): Error {
  switch (failure.family) {
    case 'corrupt': return new CorruptError(failure.code, failure.position, failure.message);
    case 'io': return new IoError(failure.code, failure.message, { fix: failure.fix });
    case 'bug': return Object.assign(new Error('a reading thread failed'), { stack: failure.stack });
  }
}
