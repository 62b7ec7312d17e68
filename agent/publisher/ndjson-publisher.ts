/**
 * Events as lines, for `jq` and for eyes:
 *
 *   {"topic":"cdc.shop.orders","key":{…},"headers":{"cdc.id":"…",…},"timestamp":1795360528612,"value":{…}}
 *
 * Lines are written in big pieces, and no faster than they are taken.
 */
import type { EventRecord, RecordHeader } from '../serializer/serializer.js';
import { LineBuffer } from './line-buffer.js';
import type { LineSink } from './line-sink.js';
import type { Publisher } from './publisher.js';

const WRITE_FROM = 64 * 1024;
const VALUE = Buffer.from(',"value":');
const END = Buffer.from('}\n');
const NOTHING = Buffer.alloc(0);

export class NdjsonPublisher implements Publisher {
  readonly #sink: LineSink;
  readonly #lines = new LineBuffer();
  #topic: string | undefined;
  /** Of a line of that topic, up to its key. */
  #head = NOTHING;
  /** Of the record before: all but the first are the same in most records, to the object. */
  #headers: readonly RecordHeader[] | undefined;
  /** What stands in front of the first header's value, and between that and the timestamp. */
  #beforeFirst = NOTHING;
  #behindFirst = NOTHING;

  constructor(sink: LineSink) {
    this.#sink = sink;
  }

  begin(): void {
    this.#lines.clear();
  }

  append(records: readonly EventRecord[]): Promise<void> | undefined {
    for (const record of records) this.#line(record);
    return this.#lines.length < WRITE_FROM ? undefined : this.#flush();
  }

  async commit(): Promise<void> {
    await this.#flush();
  }

  discard(): void {
    this.#lines.clear();
  }

  #line({ topic, bytes, keyStart, keyEnd, valueStart, valueEnd, headers, timestamp }: EventRecord): void {
    const lines = this.#lines;
    if (topic !== this.#topic) {
      this.#topic = topic;
      this.#head = Buffer.from(`{"topic":"${topic}","key":`);
    }
    if (!this.#areAlike(headers)) this.#renderHeaders(headers);
    lines.bytes(this.#head);
    lines.part(bytes, keyStart, keyEnd);
    lines.bytes(this.#beforeFirst);
    if (headers.length > 0) lines.quoted(headers[0][1]);
    lines.bytes(this.#behindFirst);
    lines.text(String(timestamp));
    lines.bytes(VALUE);
    lines.part(bytes, valueStart, valueEnd);
    lines.bytes(END);
  }

  /** Whether the headers are those of the record before, but for the first's value: that is `cdc.id`, another one in each record. */
  #areAlike(headers: readonly RecordHeader[]): boolean {
    const before = this.#headers;
    if (before === undefined || headers.length !== before.length) return false;
    for (let i = 1; i < headers.length; i++) {
      if (headers[i] !== before[i]) return false;
    }
    return headers.length === 0 || headers[0][0] === before[0][0];
  }

  #renderHeaders(headers: readonly RecordHeader[]): void {
    this.#headers = headers;
    const [first, ...others] = headers;
    this.#beforeFirst = Buffer.from(`,"headers":{${headers.length === 0 ? '' : `${JSON.stringify(first[0])}:`}`);
    this.#behindFirst = Buffer.from(`${others.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join('')}},"timestamp":`);
  }

  /** Resolves when the lines have been taken and more are wanted; rejects when nobody takes them any more. */
  async #flush(): Promise<void> {
    const lines = this.#lines;
    if (lines.length > 0) lines.goOn(await this.#sink.write(lines.written()));
  }
}
