/**
 * Events as lines on a stream, for `jq` and for eyes:
 *
 *   {"topic":"cdc.shop.orders","key":{…},"headers":{"cdc.id":"…",…},"timestamp":1795360528612,"value":{…}}
 *
 * Lines are written in big pieces, and no faster than the stream takes them.
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { EventRecord, RecordHeader } from '../serializer/serializer.js';
import type { Publisher } from './publisher.js';

const WRITE_FROM = 64 * 1024;
/** What a line has besides key, value, topic and headers, generously. */
const LINE_OVERHEAD = 128;
const KEY = Buffer.from('","key":');
const VALUE = Buffer.from(',"value":');
const END = Buffer.from('}\n');

export class NdjsonPublisher implements Publisher {
  readonly #stream: Writable;
  #buffer = Buffer.allocUnsafe(WRITE_FROM * 2);
  #length = 0;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  begin(): void {
    this.#length = 0;
  }

  append(records: readonly EventRecord[]): Promise<void> | undefined {
    for (const record of records) this.#line(record);
    return this.#length < WRITE_FROM ? undefined : this.#flush();
  }

  async commit(): Promise<void> {
    await this.#flush();
  }

  discard(): void {
    this.#length = 0;
  }

  #line({ topic, bytes, keyStart, keyEnd, valueStart, valueEnd, headers, timestamp }: EventRecord): void {
    const head = `{"topic":"${topic}`;
    const middle = `,"headers":{${headersJson(headers)}},"timestamp":${timestamp}`;
    this.#reserve(head.length + middle.length * 3 + keyEnd - keyStart + valueEnd - valueStart + LINE_OVERHEAD);
    const buffer = this.#buffer;
    let at = this.#length;
    at += buffer.write(head, at, 'latin1');
    at += KEY.copy(buffer, at);
    at += bytes.copy(buffer, at, keyStart, keyEnd);
    at += buffer.write(middle, at);
    at += VALUE.copy(buffer, at);
    at += bytes.copy(buffer, at, valueStart, valueEnd);
    at += END.copy(buffer, at);
    this.#length = at;
  }

  #reserve(length: number): void {
    if (this.#length + length <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  /** Resolves when the stream has taken the lines and wants more; rejects when it breaks. */
  async #flush(): Promise<void> {
    if (this.#length === 0) return;
    const lines = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.allocUnsafe(WRITE_FROM * 2);
    this.#length = 0;
    if (this.#stream.errored !== null) throw this.#stream.errored;
    if (!this.#stream.write(lines)) await once(this.#stream, 'drain');
  }
}

function headersJson(headers: readonly RecordHeader[]): string {
  let text = '';
  for (const [name, value] of headers) text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return text;
}
