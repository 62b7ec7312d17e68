/**
 * The `range` block: the bounds of a range deletion, in *value* order as CQL would write them.
 *
 * The log holds bounds in clustering order. Where the first column in which they differ is a DESC one, the lower value
 * is the upper bound, so start and end change places.
 */
import type { ClusteringPrefix } from '../../parsers/index.js';
import type { ChangeEvent } from '../events/change-event.js';
import type { JsonBytes } from './json-bytes.js';
import type { ColumnTemplate } from './json-template.js';
import type { ValueWriter } from './json-values.js';
import { rendered } from './rendered.js';

const START = rendered('{"start":{"values":[');
const END = rendered(',"end":{"values":[');
const INCLUSIVE = rendered('],"inclusive":true}');
const EXCLUSIVE = rendered('],"inclusive":false}');
const NULL = rendered('null');
const COMMA = 0x2c;
const CLOSE = 0x7d;

export class RangeWriter {
  readonly #out: JsonBytes;
  readonly #values: ValueWriter;

  constructor(out: JsonBytes, values: ValueWriter) {
    this.#out = out;
    this.#values = values;
  }

  /** `{"start":{"values":[…],"inclusive":…},"end":{…}}` */
  write(event: ChangeEvent, clustering: readonly ColumnTemplate[]): void {
    const { start, end, includesStart, includesEnd } = event;
    const out = this.#out;
    const isReversed = isDescending(event, clustering);
    out.raw(START);
    this.#boundValues(isReversed ? end : start, clustering);
    out.raw((isReversed ? includesEnd : includesStart) ? INCLUSIVE : EXCLUSIVE);
    out.raw(END);
    this.#boundValues(isReversed ? start : end, clustering);
    out.raw((isReversed ? includesStart : includesEnd) ? INCLUSIVE : EXCLUSIVE);
    out.byte(CLOSE);
  }

  #boundValues({ size, starts, ends }: ClusteringPrefix, clustering: readonly ColumnTemplate[]): void {
    for (let i = 0; i < size; i++) {
      if (i > 0) this.#out.byte(COMMA);
      if (starts[i] < 0) this.#out.raw(NULL);
      else this.#values.write(clustering[i], starts[i], ends[i]);
    }
  }
}

function isDescending({ bytes, start, end }: ChangeEvent, clustering: readonly ColumnTemplate[]): boolean {
  const common = Math.min(start.size, end.size);
  for (let i = 0; i < common; i++) {
    if (!sameValue(bytes, i, { start, end })) return clustering[i].type.isReversed;
  }
  return start.size !== end.size && clustering[common].type.isReversed;
}

function sameValue(bytes: Buffer, i: number, { start, end }: { readonly start: ClusteringPrefix; readonly end: ClusteringPrefix }): boolean {
  if (start.starts[i] < 0 || end.starts[i] < 0) return start.starts[i] === end.starts[i];
  return bytes.compare(bytes, start.starts[i], start.ends[i], end.starts[i], end.ends[i]) === 0;
}
