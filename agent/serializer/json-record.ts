/** A record made by the JSON serializer: bytes side by side, key first. */
import type { ChangeEvent, Op, Scope } from '../events/change-event.js';
import { int64ToNumber } from '../../parsers/io/int64.js';
import type { JsonBytes } from './json-bytes.js';
import type { EventRecord, RecordHeader } from './serializer.js';

const OP_HEADERS: Readonly<Record<Op, RecordHeader>> = { c: ['cdc.op', 'c'], u: ['cdc.op', 'u'], d: ['cdc.op', 'd'] };
const SCOPE_HEADERS: Readonly<Record<Scope, RecordHeader>> = {
  row: ['cdc.scope', 'row'], static: ['cdc.scope', 'static'], partition: ['cdc.scope', 'partition'], range: ['cdc.scope', 'range'],
};

/** Where the id stands in the value: {"id":"… */
const ID_START = 7;
const ID_END = ID_START + 32;

const LATE: RecordHeader = ['cdc.late', 'true'];

export interface RecordParts {
  readonly topic: string;
  readonly keyLength: number;
  readonly partitionHint: number;
  /** Beside the agent's own. */
  readonly headers: readonly RecordHeader[];
  /** Ms since 1970; undefined: the write time. */
  readonly timestamp: number | undefined;
}

export class JsonRecord implements EventRecord {
  readonly topic: string;
  readonly bytes: Buffer;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueEnd: number;
  readonly partitionHint: number;
  readonly timestamp: number;
  readonly #isLate: boolean;
  readonly #added: readonly RecordHeader[];
  readonly #op: Op;
  readonly #scope: Scope;

  /** Of the record that `out` holds, whose key takes its first `keyLength` bytes. */
  constructor(event: ChangeEvent, out: JsonBytes, { topic, keyLength, partitionHint, headers, timestamp }: RecordParts) {
    this.topic = topic;
    this.bytes = out.bytes;
    this.keyStart = out.start;
    this.keyEnd = out.start + keyLength;
    this.valueEnd = out.at;
    this.partitionHint = partitionHint;
    this.timestamp = Math.max(0, timestamp ?? Math.floor(int64ToNumber(event.timestampHigh, event.timestampLow) / 1000));
    this.#isLate = event.isLate;
    this.#added = headers;
    this.#op = event.op;
    this.#scope = event.scope;
  }

  get valueStart(): number {
    return this.keyEnd;
  }

  get key(): Uint8Array {
    return this.bytes.subarray(this.keyStart, this.keyEnd);
  }

  get value(): Uint8Array {
    return this.bytes.subarray(this.keyEnd, this.valueEnd);
  }

  get headers(): readonly RecordHeader[] {
    // The value begins with it.
    const id = this.bytes.latin1Slice(this.keyEnd + ID_START, this.keyEnd + ID_END);
    const own: RecordHeader[] = [['cdc.id', id], OP_HEADERS[this.#op], SCOPE_HEADERS[this.#scope]];
    if (this.#isLate) own.push(LATE);
    if (this.#added.length > 0) own.push(...this.#added);
    return own;
  }
}
