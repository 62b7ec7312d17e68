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
const HEADERS = Buffer.from(',"headers":{');
const TIMESTAMP = Buffer.from('},"timestamp":');
const VALUE = Buffer.from(',"value":');
const END = Buffer.from('}\n');

export class NdjsonPublisher implements Publisher {
  readonly #sink: LineSink;
  readonly #lines = new LineBuffer();
  #topic = '';
  /** Of a line of that topic, up to its key. */
  #head = Buffer.from('{"topic":"","key":');
  /** Of the record before: most of a record's are the same, to the object. */
  #headers: readonly RecordHeader[] = [];
  readonly #headersJson: Buffer[] = [];
  /** By a header's name, with what stands before and behind it. */
  readonly #names = new Map<string, Buffer>();

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
    lines.bytes(this.#head);
    lines.part(bytes, keyStart, keyEnd);
    lines.bytes(HEADERS);
    this.#writeHeaders(headers);
    lines.bytes(TIMESTAMP);
    lines.text(String(timestamp));
    lines.bytes(VALUE);
    lines.part(bytes, valueStart, valueEnd);
    lines.bytes(END);
  }

  #writeHeaders(headers: readonly RecordHeader[]): void {
    const last = this.#headers;
    for (let i = 0; i < headers.length; i++) {
      const header = headers[i];
      if (i === 0) this.#writeFirst(header);
      else if (header === last[i]) this.#lines.bytes(this.#headersJson[i]);
      else this.#lines.bytes((this.#headersJson[i] = Buffer.from(`,${JSON.stringify(header[0])}:${JSON.stringify(header[1])}`)));
    }
    this.#headers = headers;
  }

  /** `cdc.id`: another one in each record. */
  #writeFirst([name, value]: RecordHeader): void {
    let label = this.#names.get(name);
    if (label === undefined) this.#names.set(name, (label = Buffer.from(`${JSON.stringify(name)}:`)));
    this.#lines.bytes(label);
    this.#lines.quoted(value);
  }

  /** Resolves when the lines have been taken and more are wanted; rejects when nobody takes them any more. */
  async #flush(): Promise<void> {
    const lines = this.#lines;
    if (lines.length > 0) lines.goOn(await this.#sink.write(lines.written()));
  }
}
