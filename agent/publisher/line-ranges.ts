/** Records that are lines: where they stand, those side by side as one. */
import type { EventRecord } from '../serializer/serializer.js';

export interface LineRange {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** In order. Throws TypeError for a record without a line. */
export function lineRanges(records: readonly EventRecord[]): LineRange[] {
  const ranges: LineRange[] = [];
  let next = 0;
  while (next < records.length) {
    const { topic, bytes, lineStart: start, lineEnd } = records[next];
    if (start === undefined || lineEnd === undefined) throw new TypeError(`a record of ${topic} is no line`);
    let end = lineEnd;
    for (next++; next < records.length && records[next].bytes === bytes && records[next].lineStart === end; next++) end = records[next].lineEnd ?? end;
    ranges.push({ bytes, start, end });
  }
  return ranges;
}
