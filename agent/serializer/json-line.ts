/**
 * What stands around a record's key and value where records are lines:
 *
 *   {"topic":"cdc.shop.orders","key":{…},"headers":{"cdc.id":"…",…},"timestamp":1795360528612,"value":{…}}
 *
 * Written in place, so that nobody has to copy key and value once more.
 */
import { quoteJson } from '../../parsers/io/json-text.js';
import type { JsonBytes } from './json-bytes.js';
import { ID_BYTES } from './json-record.js';
import { rendered, type Rendered } from './rendered.js';
import type { RecordHeader } from './serializer.js';

const ID = rendered(',"headers":{"cdc.id":"');
const VALUE = rendered(',"value":');
const END = rendered('}\n');

export class LineWriter {
  readonly #out: JsonBytes;
  readonly #rendered = new WeakMap<readonly RecordHeader[], Rendered>();
  #lastHeaders: readonly RecordHeader[] | undefined;
  #last = rendered('');

  constructor(out: JsonBytes) {
    this.#out = out;
  }

  /** Up to the key. */
  open(head: Rendered): void {
    this.#out.raw(head);
  }

  /** From the key to the value. `digest`: of the event; `headers`: those behind `cdc.id`; `timestamp`: ms since 1970. */
  between(digest: string, headers: readonly RecordHeader[], timestamp: number): void {
    const out = this.#out;
    out.raw(ID);
    out.hex(digest, ID_BYTES);
    out.raw(headers === this.#lastHeaders ? this.#last : this.#renderedOf(headers));
    out.integer(timestamp);
    out.raw(VALUE);
  }

  /** From behind the value. */
  close(): void {
    this.#out.raw(END);
  }

  /** `","cdc.op":…},"timestamp":` */
  #renderedOf(headers: readonly RecordHeader[]): Rendered {
    let json = this.#rendered.get(headers);
    if (json === undefined) this.#rendered.set(headers, (json = rendered(`"${headers.map(member).join('')}},"timestamp":`)));
    this.#lastHeaders = headers;
    return (this.#last = json);
  }
}

function member([name, value]: RecordHeader): string {
  return `,${quoteJson(name)}:${quoteJson(value)}`;
}

/** Of the lines of a topic: up to the key. */
export function lineHead(topic: string): Rendered {
  return rendered(`{"topic":${quoteJson(topic)},"key":`);
}
