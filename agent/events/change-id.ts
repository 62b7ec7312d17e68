/**
 * `cdc.id`: names a change, whichever replica logged it. Frozen: a change of one byte here is another version, and the
 * vectors in test/fixtures/cdc-id-vectors.json hold it.
 *
 *   <id>         is the first 16 bytes of SHA-256 of <change>, as hex
 *   <change>     is <version:01><table id:16><key:bytes><kind:byte><body>
 *     kind 1        partition deletion     <deletion>
 *     kind 2        range deletion         <bound><bound><deletion>
 *     kind 3        row deletion           <clustering><deletion>
 *     kind 4        row                    <clustering><liveness><column>*
 *     kind 5        static row             <liveness><column>*
 *     kind 6        static row deletion    <deletion>
 *   <bytes>      is <length:int32>{length bytes}
 *   <clustering> is <count:int32>(<length:int32, -1 for null>{length bytes}){count}
 *   <bound>      is <inclusive:byte><clustering>
 *   <deletion>   is <timestamp:int64><local deletion time:uint32>
 *   <liveness>   is 00  |  01<timestamp:int64>  |  02<timestamp:int64><ttl:int32><local expiration time:uint32>
 *   <column>     is <wipe>?<cell>*                                                a complex column, or
 *                |  <cell>                                                        a simple one
 *   <wipe>       is <name:bytes>03<deletion>                                      its complex deletion, unless live
 *   <cell>       is <name:bytes><cell kind:byte><timestamp:int64><times>[<path:bytes>]<value:bytes>
 *     cell kind     0 live, 1 expiring, 2 tombstone; plus 4 when a path follows
 *     <times>       of an expiring cell <ttl:int32><local deletion time:uint32>, of a tombstone <local deletion time:uint32>
 *
 * Everything comes from the bytes of the mutation: no filter, no format and no knowledge of dropped columns plays a part.
 */
import { hash } from 'node:crypto';
import { DeletionTime, type ClusteringPrefix, type ColumnMetadata, type Row, type TableMetadata } from '../../parsers/index.js';
import { CanonicalBytes, canonicalName, canonicalWords, type CanonicalWords } from './canonical-bytes.js';
import type { ChangeEvent } from './change-event.js';

export const CHANGE_ID_VERSION = 1;

const KIND = { partitionDeletion: 1, rangeDeletion: 2, rowDeletion: 3, row: 4, staticRow: 5, staticRowDeletion: 6 } as const;
const WIPE = 3;

export class ChangeIds {
  readonly #out = new CanonicalBytes();
  readonly #wipe = new DeletionTime();
  readonly #names = new WeakMap<readonly ColumnMetadata[], readonly CanonicalWords[]>();
  #lastTable: TableMetadata | undefined;
  #lastTableWords = canonicalWords(Buffer.alloc(0));
  #lastColumns: readonly ColumnMetadata[] | undefined;
  #lastNames: readonly CanonicalWords[] = [];
  readonly #place: { source: Buffer; cell: number } = { source: Buffer.alloc(0), cell: 0 };

  /** 16 bytes and more: a character each, as hashing gives them at the least cost. */
  digestOf(event: ChangeEvent): string {
    return hash('sha256', this.canonical(event), 'binary');
  }

  /** The bytes that are hashed; valid until the next call. */
  canonical(event: ChangeEvent): Buffer {
    const out = this.#out;
    out.clear();
    out.words(event.table === this.#lastTable ? this.#lastTableWords : this.#wordsOf(event.table));
    out.bytes(event.bytes, event.keyStart, event.keyEnd);
    switch (event.scope) {
      case 'partition':
        out.byte(KIND.partitionDeletion);
        this.#deletion(event.deletion);
        break;
      case 'range':
        out.byte(KIND.rangeDeletion);
        out.byte(event.includesStart ? 1 : 0);
        this.#clustering(event.bytes, event.start);
        out.byte(event.includesEnd ? 1 : 0);
        this.#clustering(event.bytes, event.end);
        this.#deletion(event.deletion);
        break;
      case 'row':
        out.byte(event.op === 'd' ? KIND.rowDeletion : KIND.row);
        this.#clustering(event.bytes, event.row.clustering);
        this.#rowBody(event);
        break;
      case 'static':
        out.byte(event.op === 'd' ? KIND.staticRowDeletion : KIND.staticRow);
        this.#rowBody(event);
        break;
    }
    return out.written();
  }

  #rowBody(event: ChangeEvent): void {
    if (event.op === 'd') {
      this.#deletion(event.deletion);
      return;
    }
    const { row, bytes } = event;
    this.#liveness(row);
    const out = this.#out;
    const names = row.columns === this.#lastColumns ? this.#lastNames : this.#namesOf(row.columns);
    if (row.isPlain) {
      out.plainCells(names, row, bytes);
      return;
    }
    const place = this.#place;
    place.source = bytes;
    let cell = 0;
    for (let complex = 0; complex <= row.complexCount; complex++) {
      const end = complex < row.complexCount ? row.complexFirstCell(complex) : row.cellCount;
      for (; cell < end; cell++) {
        place.cell = cell;
        out.cell(names[row.columnIndex(cell)], row, place);
      }
      if (complex < row.complexCount) this.#complexDeletion(row, complex);
    }
  }

  /** Version and table id. */
  #wordsOf(table: TableMetadata): CanonicalWords {
    this.#lastTable = table;
    return (this.#lastTableWords = canonicalWords(Buffer.concat([Buffer.of(CHANGE_ID_VERSION), table.idBytes])));
  }

  #namesOf(columns: readonly ColumnMetadata[]): readonly CanonicalWords[] {
    let names = this.#names.get(columns);
    if (names === undefined) this.#names.set(columns, (names = columns.map(({ nameBytes }) => canonicalName(nameBytes))));
    this.#lastColumns = columns;
    return (this.#lastNames = names);
  }

  #liveness({ liveness }: Row): void {
    const out = this.#out;
    if (liveness.isEmpty) {
      out.byte(0);
      return;
    }
    out.byte(liveness.ttl === 0 ? 1 : 2);
    out.int64(liveness.timestampHigh, liveness.timestampLow);
    if (liveness.ttl === 0) return;
    out.int32(liveness.ttl);
    out.int32(liveness.localExpirationTime);
  }

  #complexDeletion(row: Row, complex: number): void {
    const wipe = row.complexDeletion(complex, this.#wipe);
    if (wipe.isLive) return;
    this.#out.words(canonicalName(row.complexColumn(complex).nameBytes));
    this.#out.byte(WIPE);
    this.#deletion(wipe);
  }

  #clustering(bytes: Buffer, { size, starts, ends }: ClusteringPrefix): void {
    const out = this.#out;
    out.int32(size);
    for (let i = 0; i < size; i++) {
      if (starts[i] < 0) out.int32(-1);
      else out.bytes(bytes, starts[i], ends[i]);
    }
  }

  #deletion(deletion: DeletionTime): void {
    this.#out.int64(deletion.markedForDeleteAtHigh, deletion.markedForDeleteAtLow);
    this.#out.int32(deletion.localDeletionTime);
  }
}
