/**
 * What stands around a record's key and value where records are lines:
 *
 *   {"topic":"cdc.shop.orders","key":{…},"headers":{"cdc.id":"…",…},"timestamp":1795360528612,"value":{…}}
 *
 * Written in place, so that nobody has to copy key and value once more.
 */
import { quoteJson } from '../../parsers/io/json-text.js';
import type { ChangeEvent } from '../events/change-event.js';
import type { JsonBytes } from './json-bytes.js';
import { ID_BYTES, ownHeaders } from './json-record.js';
import { rendered, type Rendered } from './rendered.js';
import type { RecordHeader } from './serializer.js';

const ID = rendered(',"headers":{"cdc.id":"');
const VALUE = rendered(',"value":');
const END = rendered('}\n');

export class LineWriter {
  readonly #out: JsonBytes;
  /** Of the event before, and what was rendered of it: the same of nearly all. */
  #op: ChangeEvent['op'] | undefined;
  #scope: ChangeEvent['scope'] | undefined;
  #isLate = false;
  #added: readonly RecordHeader[] = [];
  /** From behind the id to the timestamp. */
  #others = rendered('');

  constructor(out: JsonBytes) {
    this.#out = out;
  }

  /** Up to the key. */
  open(head: Rendered): void {
    this.#out.raw(head);
  }

  /** From the key to the value. `added`: headers beside the agent's own; `timestamp`: ms since 1970. */
  between(event: ChangeEvent, added: readonly RecordHeader[], timestamp: number): void {
    const out = this.#out;
    if (event.op !== this.#op || event.scope !== this.#scope || event.isLate !== this.#isLate || added !== this.#added) this.#render(event, added);
    out.raw(ID);
    out.hex(event.digest, ID_BYTES);
    out.raw(this.#others);
    out.integer(timestamp);
    out.raw(VALUE);
  }

  /** From behind the value. */
  close(): void {
    this.#out.raw(END);
  }

  #render(event: ChangeEvent, added: readonly RecordHeader[]): void {
    this.#op = event.op;
    this.#scope = event.scope;
    this.#isLate = event.isLate;
    this.#added = added;
    const members = [...ownHeaders(event), ...added].map(([name, value]) => `,${quoteJson(name)}:${quoteJson(value)}`);
    this.#others = rendered(`"${members.join('')}},"timestamp":`);
  }
}

/** Of the lines of a topic: up to the key. */
export function lineHead(topic: string): Rendered {
  return rendered(`{"topic":${quoteJson(topic)},"key":`);
}
