/**
 * `inspect --rows`: one line per row, range marker and partition deletion, behind the entry's position.
 *
 *   <segment>:<position> <keyspace>.<table> <key> (row | static | range | partition) …
 *   <segment>:<position> <table id> key=0x… : what can be seen of a table that the schema lacks
 *   <segment>:<position> damaged <code>: <message>
 */
import type { MutationFrames, PartitionUpdate, RangeTombstoneMarker, Row } from '../../parsers/index.js';
import { uuidToString } from '../../parsers/marshal/uuid.js';
import type { Output } from './output.js';
import { Report, type EntryView, type OpenSegment } from './report.js';
import { deletionText, keyText, markerText, rowText } from './row-text.js';
import type { Damage } from './segment-walk.js';
import type { SegmentSummary } from './segment-summary.js';
import { counted, identifier, printable } from './text.js';
import { isBare } from './visibility.js';

/** Damaged places of one kind that are shown one by one: a wrong schema damages every entry in the same way. */
const MOST_ALIKE = 5;

export class RowsReport extends Report {
  override readonly wantsRows = true;
  readonly #out: Output;
  readonly #lines: string[] = [];
  readonly #damaged = new Map<string, number>();
  #segment = '';
  #subject = '';

  constructor(out: Output) {
    super();
    this.#out = out;
  }

  override beginSegment({ input, descriptor }: OpenSegment): void {
    this.#segment = descriptor === undefined ? printable(input.name) : String(descriptor.id);
    this.#damaged.clear();
  }

  override beginEntry(): void {
    this.#lines.length = 0;
  }

  override beginUpdate(update: PartitionUpdate): void {
    const { keyspace, name } = update.table;
    this.#subject = `${identifier(keyspace)}.${identifier(name)} ${keyText(update)}`;
    if (update.hasPartitionDeletion && !update.partitionDeletion.isLive) this.#lines.push(`${this.#subject} partition deleted ${deletionText(update.partitionDeletion)}`);
  }

  override row(update: PartitionUpdate, row: Row): void {
    if (!isBare(row)) this.#lines.push(`${this.#subject} ${rowText(row, update)}`);
  }

  override marker(update: PartitionUpdate, marker: RangeTombstoneMarker): void {
    this.#lines.push(`${this.#subject} ${markerText(marker, update)}`);
  }

  override entry({ frames, decoder, unknownTable }: EntryView): void {
    const place = `${this.#segment}:${frames.position}`;
    for (const line of this.#lines) this.#out.line(`${place} ${line}`);
    if (unknownTable === undefined) return;
    const { bytes, keyStart, keyEnd, updateCount, tableIdStart } = decoder.mutation;
    const rest = counted(updateCount - decoder.updateCount, 'table update');
    this.#out.line(`${place} ${uuidToString(bytes, tableIdStart)} key=0x${bytes.hexSlice(keyStart, keyEnd)} ${rest}, ${counted(frames.size, 'byte')}, table not in the schema`);
  }

  override damage({ error, position }: Damage, _frames: MutationFrames | undefined): void {
    const times = (this.#damaged.get(error.code) ?? 0) + 1;
    this.#damaged.set(error.code, times);
    if (times <= MOST_ALIKE) this.#out.line(`${this.#segment}:${position} damaged ${error.code}: ${printable(error.message)}`);
  }

  override endSegment(_summary: SegmentSummary): void {
    for (const [code, times] of this.#damaged) {
      if (times > MOST_ALIKE) this.#out.line(`${this.#segment} damaged ${code}: ${counted(times - MOST_ALIKE, 'more place')}`);
    }
  }
}
