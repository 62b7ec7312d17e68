/** What the configuration adds to events, or takes out of them, as plain functions of names: compiled into a table's template once. */
import { createHash, createHmac } from 'node:crypto';
import type { ColumnMask } from '../config/table-patterns.js';

export interface EventFeatures {
  /** What becomes of a column: shown, left out, or replaced by its hash. Those of the primary key are shown or hashed. */
  readonly maskOf: (table: string, column: string, isKey: boolean) => ColumnMask;
  /** Secret of the hash; without it anybody can try values. */
  readonly hashKey: string | undefined;
  /** Headers with the same text in every event. */
  readonly fixedHeaders: readonly (readonly [name: string, value: string])[];
  /** Headers with the value of a column, where the event has it; hashed where the column is. */
  readonly columnHeaders: readonly (readonly [name: string, column: string])[];
  /** Text columns; those of the primary key stay text all the same. */
  readonly isJson: (table: string, column: string) => boolean;
  /** A text column that should hold JSON and does not. */
  readonly onNotJson: (table: string, column: string) => void;
  /** Column with the time of the record; undefined: the write time. One that is masked tells nothing here either. */
  readonly timeColumnOf: (table: string) => string | undefined;
}

export const NO_FEATURES: EventFeatures = {
  maskOf: () => 'show', hashKey: undefined, fixedHeaders: [], columnHeaders: [], isJson: () => false, onNotJson: () => undefined, timeColumnOf: () => undefined,
};

/** SHA-256 of the value's JSON text as hex, with a key HMAC-SHA-256: equal values have equal hashes. */
export function hashText(json: string, key: string | undefined): string {
  return (key === undefined ? createHash('sha256') : createHmac('sha256', key)).update(json).digest('hex');
}

/** The text as it can stand in a JSON document on one line; undefined when it is no JSON. */
export function embeddedJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  // Inside of strings they are escaped: these are between tokens.
  return text.replace(/[\r\n]/g, ' ');
}
