/**
 * `inspect --dump`: the raw contract, one JSON line per entry in file then position order.
 *
 *   {"k":"m","seg","segId","end","size","h","u":[UPDATE..]}                      a mutation
 *   {"k":"u","seg","segId","end","size","h","id","u":[UPDATE..]}                 first unknown table id
 *   {"k":"e","seg","segId","code","position","end","size","h","message"}         a damaged place
 *   {"k":"sum","segments","sections","entries","updates","rows","cells","markers","unknown":{id:n},"damaged"}
 */
import { hash } from 'node:crypto';
import type { MutationFrames, PartitionUpdate, RangeTombstoneMarker, Row } from '../../parsers/index.js';
import type { Output } from './output.js';
import { RawUpdateWriter } from './raw-update.js';
import { Report, type EntryView, type OpenSegment } from './report.js';
import type { Damage } from './segment-walk.js';
import type { SegmentSummary } from './segment-summary.js';

const HASH_DIGITS = 16;

export class DumpReport extends Report {
  override readonly wantsRows = true;
  readonly #out: Output;
  readonly #updates = new RawUpdateWriter();
  #place = '';

  constructor(out: Output) {
    super();
    this.#out = out;
  }

  override beginSegment({ input, descriptor }: OpenSegment): void {
    const id = input.segmentId >= 0 ? input.segmentId : (descriptor?.id ?? -1);
    this.#place = `"seg":${JSON.stringify(input.name)},"segId":"${id}"`;
  }

  override beginEntry(): void {
    this.#updates.clear();
  }

  override beginUpdate(update: PartitionUpdate): void {
    this.#updates.beginUpdate(update);
  }

  override row(update: PartitionUpdate, row: Row): void {
    this.#updates.row(update, row);
  }

  override marker(update: PartitionUpdate, marker: RangeTombstoneMarker): void {
    this.#updates.marker(update, marker);
  }

  override endUpdate(): void {
    this.#updates.endUpdate();
  }

  override entry({ frames, unknownTable }: EntryView): void {
    const kind = unknownTable === undefined ? 'm' : 'u';
    const id = unknownTable === undefined ? '' : `,"id":"${unknownTable}"`;
    const { text } = this.#updates;
    const updates = text === '' ? '' : `,"u":[${text}]`;
    this.#out.line(`{"k":"${kind}",${this.#place},"end":${frames.position},"size":${frames.size},"h":"${mutationHash(frames)}"${id}${updates}}`);
  }

  override damage({ error, position, end, size }: Damage, frames: MutationFrames | undefined): void {
    const digest = size >= 0 && frames !== undefined ? `,"h":"${mutationHash(frames)}"` : '';
    this.#out.line(`{"k":"e",${this.#place},"code":"${error.code}","position":${position},"end":${end},"size":${size}${digest},"message":${JSON.stringify(error.message)}}`);
  }

  override end(summaries: readonly SegmentSummary[]): void {
    const sum = { k: 'sum', segments: summaries.length, sections: 0, entries: 0, updates: 0, rows: 0, cells: 0, markers: 0, unknown: {} as Record<string, number>, damaged: 0 };
    for (const summary of summaries) {
      sum.sections += summary.sections;
      sum.entries += summary.entries;
      sum.damaged += summary.damage.count;
      for (const table of summary.tables.values()) {
        sum.updates += table.counts.updates;
        sum.rows += table.counts.rows + table.counts.staticRows;
        sum.cells += table.counts.cells;
        sum.markers += table.counts.rangeMarkers;
      }
      for (const [id, count] of summary.unknownTables) sum.unknown[id] = (sum.unknown[id] ?? 0) + count;
    }
    this.#out.line(JSON.stringify(sum));
  }
}

/** The first 8 bytes of the SHA-1 of the serialized mutation. */
function mutationHash({ bytes, start, end }: MutationFrames): string {
  return hash('sha1', bytes.subarray(start, end)).slice(0, HASH_DIGITS);
}
