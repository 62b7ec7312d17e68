/** What one segment turned out to be: gathered while it is read, whatever is shown of it. */
import type { CdcIndex, CommitLogDescriptor, TableMetadata } from '../../parsers/index.js';
import { DamageLog } from './damage-log.js';
import type { EntryDecoder } from './entry-decoder.js';
import type { InspectInput } from './inputs.js';
import { UpdateCounts, WriteTimes } from './update-counts.js';

export interface TableSummary {
  readonly table: TableMetadata;
  /** Entries that touch it. */
  mutations: number;
  readonly counts: UpdateCounts;
}

/** What stands behind the last section: nothing, zeros, or bytes that no marker vouches for. */
export interface Tail {
  readonly offset: number;
  readonly length: number;
  readonly kind: 'none' | 'zeros' | 'unsynced';
}

export class SegmentSummary {
  readonly input: InspectInput;
  descriptor: CommitLogDescriptor | undefined;
  fileSize = 0;
  sections = 0;
  /** Entries whose checksums hold, what is in them readable or not. */
  entries = 0;
  /** Of their mutations, without the checksums around them. */
  mutationBytes = 0;
  /** Updates that the entries claim, decoded or not. */
  claimedUpdates = 0;
  tail: Tail | undefined;
  /** Undefined: there is no index file. Null: it can't be read, or is empty. */
  index: CdcIndex | null | undefined;
  readonly tables = new Map<string, TableSummary>();
  /** Entries by the first table id in them that the schema lacks. */
  readonly unknownTables = new Map<string, number>();
  readonly damage = new DamageLog();
  readonly writeTimes = new WriteTimes();

  constructor(input: InspectInput) {
    this.input = input;
  }

  addEntry(decoder: EntryDecoder, unknownTable: string | undefined): void {
    this.claimedUpdates += decoder.mutation.updateCount;
    for (let i = 0; i < decoder.updateCount; i++) this.#addUpdate(decoder.counts[i]);
    if (unknownTable !== undefined) this.unknownTables.set(unknownTable, (this.unknownTables.get(unknownTable) ?? 0) + 1);
  }

  #addUpdate(counts: UpdateCounts): void {
    const { table } = counts;
    if (table === undefined) return;
    let summary = this.tables.get(table.id);
    if (summary === undefined) this.tables.set(table.id, (summary = { table, mutations: 0, counts: new UpdateCounts() }));
    // A mutation has one update per table.
    summary.mutations++;
    summary.counts.add(counts);
    this.writeTimes.merge(counts.writeTimes);
  }
}
