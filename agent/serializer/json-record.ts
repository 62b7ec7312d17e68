/** A record made by the JSON serializer: bytes side by side, key first. */
import type { JsonBytes } from './json-bytes.js';
import type { EventRecord, RecordHeader } from './serializer.js';

/** Of `cdc.id`. */
export const ID_BYTES = 16;
/** Where the id stands in the value: {"id":"… */
const ID_START = 7;
const ID_END = ID_START + 2 * ID_BYTES;

/** What `out` holds: offsets from its start. */
export interface RecordParts {
  readonly topic: string;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  readonly partitionHint: number;
  /** Behind `cdc.id`. */
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
  readonly partitionHint: number;
  readonly timestamp: number;
  readonly #headers: readonly RecordHeader[];

  /** Of the record that `out` holds. */
  constructor(out: JsonBytes, parts: RecordParts) {
    const { start } = out;
    this.topic = parts.topic;
    this.bytes = out.bytes;
    this.keyStart = start + parts.keyStart;
    this.keyEnd = start + parts.keyEnd;
    this.valueStart = start + parts.valueStart;
    this.valueEnd = start + parts.valueEnd;
    this.partitionHint = parts.partitionHint;
    this.timestamp = parts.timestamp;
    this.#headers = parts.headers;
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
    return [['cdc.id', id], ...this.#headers];
  }
}

/** With a line around key and value: all that `out` holds. */
export class JsonLine extends JsonRecord {
  readonly lineStart: number;
  readonly lineEnd: number;

  constructor(out: JsonBytes, parts: RecordParts) {
    super(out, parts);
    this.lineStart = out.start;
    this.lineEnd = out.at;
  }
}
