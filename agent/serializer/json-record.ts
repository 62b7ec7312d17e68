/** A record made by the JSON serializer: bytes side by side, key first. */
import type { ChangeEvent, Op, Scope } from '../events/change-event.js';
import type { JsonBytes } from './json-bytes.js';
import type { EventRecord, RecordHeader } from './serializer.js';

const OP_HEADERS: Readonly<Record<Op, RecordHeader>> = { c: ['cdc.op', 'c'], u: ['cdc.op', 'u'], d: ['cdc.op', 'd'] };
const SCOPE_HEADERS: Readonly<Record<Scope, RecordHeader>> = {
  row: ['cdc.scope', 'row'], static: ['cdc.scope', 'static'], partition: ['cdc.scope', 'partition'], range: ['cdc.scope', 'range'],
};

/** Of `cdc.id`. */
export const ID_BYTES = 16;
/** Where the id stands in the value: {"id":"… */
const ID_START = 7;
const ID_END = ID_START + 2 * ID_BYTES;

const LATE: RecordHeader = ['cdc.late', 'true'];

/** Headers behind `cdc.id`. */
export function ownHeaders({ op, scope, isLate }: { readonly op: Op; readonly scope: Scope; readonly isLate: boolean }): RecordHeader[] {
  return isLate ? [OP_HEADERS[op], SCOPE_HEADERS[scope], LATE] : [OP_HEADERS[op], SCOPE_HEADERS[scope]];
}

/** What `out` holds: offsets from its start. */
export interface RecordParts {
  readonly topic: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** There is a line around key and value, from the first byte to the last. */
  readonly isLine: boolean;
  readonly partitionHint: number;
  /** Beside the agent's own. */
  readonly headers: readonly RecordHeader[];
  /** Ms since 1970. */
  readonly timestamp: number;
}

export class JsonRecord implements EventRecord {
  readonly topic: string;
  readonly bytes: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly partitionHint: number;
  readonly timestamp: number;
  readonly #isLate: boolean;
  readonly #added: readonly RecordHeader[];
  readonly #op: Op;
  readonly #scope: Scope;

  /** Of the record that `out` holds. */
  constructor(event: ChangeEvent, out: JsonBytes, parts: RecordParts) {
    const { start } = out;
    this.topic = parts.topic;
    this.bytes = out.bytes;
    this.keyStart = start + parts.keyStart;
    this.keyEnd = start + parts.keyEnd;
    this.valueStart = start + parts.valueStart;
    this.valueEnd = start + parts.valueEnd;
    this.lineStart = parts.isLine ? start : -1;
    this.lineEnd = parts.isLine ? out.at : -1;
    this.partitionHint = parts.partitionHint;
    this.timestamp = parts.timestamp;
    this.#isLate = event.isLate;
    this.#added = parts.headers;
    this.#op = event.op;
    this.#scope = event.scope;
  }

  get key(): Uint8Array {
    return this.bytes.subarray(this.keyStart, this.keyEnd);
  }

  get value(): Uint8Array {
    return this.bytes.subarray(this.valueStart, this.valueEnd);
  }

  get headers(): readonly RecordHeader[] {
    // The value begins with it.
    const id = this.bytes.latin1Slice(this.valueStart + ID_START, this.valueStart + ID_END);
    const headers: RecordHeader[] = [['cdc.id', id], OP_HEADERS[this.#op], SCOPE_HEADERS[this.#scope]];
    if (this.#isLate) headers.push(LATE);
    if (this.#added.length > 0) headers.push(...this.#added);
    return headers;
  }
}
