/**
 * Mutations as the commit log holds them, written from Cassandra's serializers and from nothing of this project's readers.
 *
 *   <mutation>      is <count:vint> <update>*count                                     Mutation.MutationSerializer
 *   <update>        is <table id:16> <key:vint-length bytes> <flags:u8> <body>?         PartitionUpdateSerializer,
 *   <body>          is <header> <partition deletion>? <static row>? <row estimate:vint>   UnfilteredRowIteratorSerializer
 *                      <unfiltered>* <0x01>
 *   <header>        is <min timestamp> <min local deletion time> <min ttl> <statics>? <regulars>    SerializationHeader
 */
import { collectStats, DELETION_TIME_EPOCH, TIMESTAMP_EPOCH } from './encoding-stats.js';
import { DataWriter } from './data-writer.js';
import { isEmptyUpdate } from './model.js';
import type { ColumnModel, DeletionModel, EncodingStatsModel, MutationModel, RowModel, UpdateModel } from './model.js';
import { writeMarker, writeRow } from './unfiltered-writer.js';

const IS_EMPTY = 0x01;
const HAS_PARTITION_DELETION = 0x04;
const HAS_STATIC_ROW = 0x08;
const HAS_ROW_ESTIMATE = 0x10;

/**
 * Which node wrote it: they differ in the local deletion time of DeletionTime.LIVE, which stands in a row for a
 * multi-cell column without deletion beside one that has a deletion. 5.0 writes version 7 in its own dialect.
 */
export type WriterDialect = '4' | '5';

/** Serialized form of a mutation; the versions differ in nothing else. */
export function encodeMutation(mutation: MutationModel, dialect: WriterDialect): Buffer {
  const out = new DataWriter();
  out.vint(mutation.updates.length);
  for (const update of mutation.updates) writeUpdate(update, dialect, out);
  return out.take();
}

function writeUpdate(update: UpdateModel, dialect: WriterDialect, out: DataWriter): void {
  out.raw(Buffer.from(update.table.id.replaceAll('-', ''), 'hex'));
  out.withVintLength(update.key);
  if (isEmptyUpdate(update)) {
    out.u8(IS_EMPTY);
    return;
  }
  let flags = HAS_ROW_ESTIMATE;
  if (update.deletion !== null) flags |= HAS_PARTITION_DELETION;
  if (update.staticRow !== null) flags |= HAS_STATIC_ROW;
  out.u8(flags);

  const header = new HeaderWriter(update, dialect, out);
  header.writeStats();
  if (update.staticRow !== null) writeColumnNames(update.staticColumns, out);
  writeColumnNames(update.regularColumns, out);

  if (update.deletion !== null) header.deletionTime(update.deletion);
  if (update.staticRow !== null) writeRow(update.staticRow, header, update.staticColumns, true);
  out.vint(update.items.filter((item): item is RowModel => item.item === 'row').length);
  for (const item of update.items) {
    if (item.item === 'row') writeRow(item, header, update.regularColumns, false);
    else writeMarker(item, header);
  }
  out.u8(0x01);
}

/** Columns.Serializer.serialize. */
function writeColumnNames(columns: readonly ColumnModel[], out: DataWriter): void {
  out.vint(columns.length);
  for (const column of columns) out.withVintLength(Buffer.from(column.name));
}

/** Times relative to the update's encoding stats (SerializationHeader.write*). */
export class HeaderWriter {
  readonly update: UpdateModel;
  readonly out: DataWriter;
  readonly #dialect: WriterDialect;
  readonly #stats: EncodingStatsModel;

  constructor(update: UpdateModel, dialect: WriterDialect, out: DataWriter) {
    this.update = update;
    this.out = out;
    this.#dialect = dialect;
    this.#stats = collectStats(update);
  }

  writeStats(): void {
    this.out.vint(this.#stats.minTimestamp - TIMESTAMP_EPOCH);
    this.out.vint32(this.#stats.minLocalDeletionTime - DELETION_TIME_EPOCH);
    this.out.vint32(this.#stats.minTtl);
  }

  timestamp(timestamp: bigint): void {
    this.out.vint(timestamp - this.#stats.minTimestamp);
  }

  localDeletionTime(time: number): void {
    this.out.vint32(BigInt(time) - BigInt(this.#stats.minLocalDeletionTime));
  }

  ttl(ttl: number): void {
    this.out.vint32(ttl - this.#stats.minTtl);
  }

  deletionTime(deletion: DeletionModel): void {
    this.timestamp(deletion.markedForDeleteAt);
    this.localDeletionTime(deletion.localDeletionTime);
  }

  /** DeletionTime.LIVE: the smallest timestamp, and the largest int (4.x) or the low half of the largest long (5.0). */
  liveDeletionTime(): void {
    this.timestamp(-(1n << 63n));
    const time = this.#dialect === '5' ? (1n << 63n) - 1n : 0x7fff_ffffn;
    this.out.vint32(time - BigInt(this.#stats.minLocalDeletionTime));
  }
}
