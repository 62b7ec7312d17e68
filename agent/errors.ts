/**
 * Errors that reach the operator: one clear line, the place, and the fix. Four families (plus usage, which is the
 * caller's): Retryable, Corrupt (in parsers/errors.ts), Config, Bug. The exit code belongs to the family.
 */

/** sysexits(3), as far as they mean something here; 1 = a reading verb found problems. */
export const EXIT = { ok: 0, problems: 1, usage: 64, unavailable: 69, bug: 70, io: 74, tryAgain: 75, config: 78 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface OperatorErrorOptions extends ErrorOptions {
  /** What to do about it, as a sentence that can stand behind the message. */
  readonly fix?: string | undefined;
}

/** An error that the operator can act on: printed as one line, without a stack. */
export abstract class OperatorError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly retryable: boolean = false;
  /** Stable name for logs and metrics. */
  readonly code: string;
  readonly fix: string | undefined;

  constructor(code: string, message: string, options: OperatorErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.fix = options.fix;
  }
}

/** The command line is wrong. */
export class UsageError extends OperatorError {
  override readonly name = 'UsageError';
  override readonly exitCode = EXIT.usage;
}

/** One mistake in the configuration: where it is, what is wrong, what to do. */
export interface ConfigProblem {
  readonly file: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** Dotted path of the option; empty for the file as a whole. */
  readonly key: string;
  readonly message: string;
  readonly fix: string;
}

export interface ConfigErrorOptions extends OperatorErrorOptions {
  /** All mistakes that were found, in the order of the file; the message names each. */
  readonly problems?: readonly ConfigProblem[];
}

/** The configuration is wrong. */
export class ConfigError extends OperatorError {
  override readonly name = 'ConfigError';
  override readonly exitCode = EXIT.config;
  readonly problems: readonly ConfigProblem[];

  constructor(code: string, message: string, options: ConfigErrorOptions = {}) {
    super(code, message, options);
    this.problems = options.problems ?? [];
  }
}

/** A file can't be read or written. */
export class IoError extends OperatorError {
  override readonly name = 'IoError';
  override readonly exitCode = EXIT.io;
}

/** Kafka or Cassandra does not answer, or not yet: back off and try again. */
export class RetryableError extends OperatorError {
  override readonly name = 'RetryableError';
  override readonly exitCode = EXIT.unavailable;
  override readonly retryable = true;
}
