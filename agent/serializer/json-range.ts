/**
 * The `range` block: the bounds of a range deletion, in *value* order as CQL would write them.
 *
 * The log holds bounds in clustering order. Where the first column in which they differ is a DESC one, the lower value
 * is the upper bound, so start and end change places.
 */
import type { ClusteringPrefix, JsonOptions } from '../../parsers/index.js';
import type { ChangeEvent } from '../events/change-event.js';
import type { ColumnTemplate } from './json-template.js';

/** `{"start":{"values":[…],"inclusive":…},"end":{…}}` */
export function rangeJson(event: ChangeEvent, clustering: readonly ColumnTemplate[], options: JsonOptions): string {
  const { bytes, start, end } = event;
  const first = boundJson(bytes, start, event.includesStart, clustering, options);
  const last = boundJson(bytes, end, event.includesEnd, clustering, options);
  return isReversed(bytes, start, end, clustering) ? `{"start":${last},"end":${first}}` : `{"start":${first},"end":${last}}`;
}

function isReversed(bytes: Buffer, start: ClusteringPrefix, end: ClusteringPrefix, clustering: readonly ColumnTemplate[]): boolean {
  const common = Math.min(start.size, end.size);
  for (let i = 0; i < common; i++) {
    if (!sameValue(bytes, start, end, i)) return clustering[i].type.isReversed;
  }
  return common < clustering.length && start.size !== end.size && clustering[common].type.isReversed;
}

function sameValue(bytes: Buffer, a: ClusteringPrefix, b: ClusteringPrefix, i: number): boolean {
  if (a.starts[i] < 0 || b.starts[i] < 0) return a.starts[i] === b.starts[i];
  return bytes.compare(bytes, a.starts[i], a.ends[i], b.starts[i], b.ends[i]) === 0;
}

function boundJson(bytes: Buffer, bound: ClusteringPrefix, isInclusive: boolean, clustering: readonly ColumnTemplate[], options: JsonOptions): string {
  let values = '';
  for (let i = 0; i < bound.size; i++) {
    if (i > 0) values += ',';
    values += bound.starts[i] < 0 ? 'null' : clustering[i].type.toJson(bytes, bound.starts[i], bound.ends[i], options);
  }
  return `{"values":[${values}],"inclusive":${isInclusive}}`;
}
