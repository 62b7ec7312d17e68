/** Mistakes in a configuration file, collected so that all are told at once. */
import { ConfigError, type ConfigProblem } from '../errors.js';

/** A place in the file, line and column from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export class Problems {
  readonly file: string;
  readonly errors: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];

  constructor(file: string) {
    this.file = file;
  }

  error(place: Place, path: readonly string[], words: { readonly message: string; readonly fix: string }): void {
    this.errors.push(this.#problem(place, path, words));
  }

  warn(place: Place, path: readonly string[], words: { readonly message: string; readonly fix: string }): void {
    this.warnings.push(this.#problem(place, path, words));
  }

  /** Throws one ConfigError with every mistake, in the order of the file. */
  throwIfAny(): void {
    if (this.errors.length === 0) return;
    const problems = this.errors.toSorted(byPlace);
    const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
    throw new ConfigError('CONFIG_INVALID', `${this.file} has ${count}\n${problems.map(formatProblem).join('\n')}`, { problems });
  }

  #problem({ line, column }: Place, path: readonly string[], { message, fix }: { readonly message: string; readonly fix: string }): ConfigProblem {
    return { file: this.file, line, column, key: keyText(path), message, fix };
  }
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  return a.line - b.line || a.column - b.column;
}

/** `agent.yaml:12:3  kafka.compression: must be ...` and the fix on a line of its own. */
export function formatProblem({ file, line, column, key, message, fix }: ConfigProblem): string {
  return `  ${file}:${line}:${column}  ${key === '' ? '' : `${key}: `}${message}\n      fix: ${fix}`;
}

/** Dotted path; a part that holds a dot itself is quoted, a list index stands in brackets. */
export function keyText(path: readonly string[]): string {
  return path.map((part, index) => (/^\[\d+\]$/.test(part) ? part : `${index === 0 ? '' : '.'}${/^[\w<> -]+$/.test(part) ? part : JSON.stringify(part)}`)).join('');
}
