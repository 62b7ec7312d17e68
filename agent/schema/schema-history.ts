/**
 * The schema of every place in the log that may still be read, on disk: bases, and the logged mutations of system_schema
 * behind them. A restart finds the schema of its position there, however CQL sees things by then.
 */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Mutation, SchemaError, comparePositions, formatPosition, parsePosition, schemaFromRows, type CommitLogPosition, type SystemSchemaRows, type TableMetadata } from '../../parsers/index.js';
import { IoError } from '../errors.js';
import { syncDirectory } from '../files/replace-file.js';
import { damagedHistory, entryOfName, nameOfEntry, readEntry, writeEntry, type HistoryEntry } from './history-file.js';
import { SchemaTracker } from './schema-tracker.js';
import { restoreRows, storeRows, type StoredSchema } from './stored-rows.js';
import { rowsOfTable } from './table-rows.js';

interface BaseContent {
  readonly rows: StoredSchema;
  readonly dropped: readonly { readonly at: string; readonly rows: SystemSchemaRows }[];
}

export interface LoggedMutation {
  /** Serialized, from its count of updates on. */
  readonly bytes: Uint8Array;
  /** Of the commit-log segment. */
  readonly version: number;
  /** Just behind its entry. */
  readonly position: CommitLogPosition;
}

export interface LoadedSchema {
  readonly tracker: SchemaTracker;
  /** The place at which the loaded state was reached; later than asked for when nothing older is left. */
  readonly from: CommitLogPosition;
}

export class SchemaHistory {
  readonly directory: string;
  /** Oldest first; a base before a delta of the same place. */
  #entries: HistoryEntry[];
  /** Where tables were dropped, by id: behind `low` nobody asks for them. */
  readonly #droppedAt = new Map<string, CommitLogPosition>();
  #low: CommitLogPosition | null = null;

  private constructor(directory: string, entries: HistoryEntry[]) {
    this.directory = directory;
    this.#entries = entries.sort(compareEntries);
  }

  /** Makes the directory when it is missing; throws IoError. */
  static async open(directory: string): Promise<SchemaHistory> {
    try {
      await mkdir(directory, { recursive: true, mode: 0o750 });
      const names = await readdir(directory);
      // What a crash left half written.
      for (const name of names.filter((one) => one.endsWith('.tmp'))) await rm(join(directory, name), { force: true });
      return new SchemaHistory(directory, names.map(entryOfName).filter((entry) => entry !== null));
    } catch (cause) {
      throw new IoError('schema_history', `${directory} can't be used: ${(cause as NodeJS.ErrnoException).code}`, { fix: 'let the agent\'s user write to its state directory', cause });
    }
  }

  get isEmpty(): boolean {
    return !this.#entries.some(({ kind }) => kind === 'base');
  }

  /** Mutations stored since the newest base: they are read one by one at a start. */
  get deltasSinceBase(): number {
    return this.#entries.length - 1 - this.#entries.findLastIndex(({ kind }) => kind === 'base');
  }

  has(entry: HistoryEntry): boolean {
    return this.#entries.some((one) => compareEntries(one, entry) === 0);
  }

  /**
   * The schema at `position`: of the newest base that is not later, moved by the mutations up to there; without one, of
   * the oldest base. Tables that only exist later are known by id too. Null when there is no history.
   * Throws ConfigError when a file is damaged or newer than this agent.
   */
  async load(position: CommitLogPosition): Promise<LoadedSchema | null> {
    const bases = this.#entries.filter(({ kind }) => kind === 'base');
    const base = bases.findLast(({ from }) => comparePositions(from, position) <= 0) ?? bases[0];
    if (base === undefined) return null;
    const tracker = await this.#trackerOf(base);
    const deltas = this.#entries.filter(({ kind, from }) => kind === 'delta' && comparePositions(from, base.from) > 0);
    const isDue = ({ from }: HistoryEntry): boolean => comparePositions(from, position) <= 0;
    for (const delta of deltas.filter(isDue)) await this.#applyTo(tracker, delta);
    await this.#addLater(tracker, { bases: bases.filter(({ from }) => comparePositions(from, base.from) > 0), deltas: deltas.filter((delta) => !isDue(delta)) });
    return { tracker, from: comparePositions(base.from, position) > 0 ? base.from : position };
  }

  /** The state of `tracker`, valid from `position` on: as it is when this is called, written when the result is. */
  baseOf(position: CommitLogPosition, tracker: SchemaTracker): () => Promise<void> {
    const dropped = tracker.dropped().flatMap((table) => {
      const at = this.#droppedAt.get(table.id) ?? position;
      this.#droppedAt.set(table.id, at);
      return this.#low !== null && comparePositions(at, this.#low) < 0 ? [] : [{ at: formatPosition(at), rows: rowsOfTable(table) }];
    });
    // storeRows shares values with the tracker, which replaces them and never changes them.
    const content: BaseContent = { rows: storeRows(tracker.cells), dropped };
    return () => this.#write({ kind: 'base', from: position }, content);
  }

  async saveMutation({ bytes, version, position }: LoggedMutation): Promise<void> {
    await this.#write({ kind: 'delta', from: position }, { version, mutation: Buffer.from(bytes).toString('base64') });
  }

  /** To be told of every drop, so that the table can be forgotten one day. */
  noteDropped(table: TableMetadata, at: CommitLogPosition): void {
    this.#droppedAt.set(table.id, at);
  }

  /** Nothing before `low` will be read again: removes what only that needed. */
  async prune(low: CommitLogPosition): Promise<void> {
    this.#low = low;
    const keepFrom = this.#entries.findLastIndex(({ kind, from }) => kind === 'base' && comparePositions(from, low) <= 0);
    if (keepFrom <= 0) return;
    const gone = this.#entries.splice(0, keepFrom);
    for (const entry of gone) await rm(join(this.directory, nameOfEntry(entry)), { force: true });
    await syncDirectory(this.directory);
  }

  async #write(entry: HistoryEntry, content: object): Promise<void> {
    await writeEntry(this.directory, entry, content);
    if (!this.has(entry)) this.#entries = [...this.#entries, entry].sort(compareEntries);
  }

  async #trackerOf(entry: HistoryEntry): Promise<SchemaTracker> {
    try {
      const { rows, dropped } = (await readEntry(this.directory, entry)) as BaseContent;
      const tables = dropped.flatMap(({ at, rows: one }) => {
        const [table] = schemaFromRows(one);
        const position = parsePosition(at);
        if (position !== null) this.#droppedAt.set(table.id, position);
        return table;
      });
      return new SchemaTracker(restoreRows(rows), tables);
    } catch (error) {
      throw this.#refusal(entry, error);
    }
  }

  async #applyTo(tracker: SchemaTracker, entry: HistoryEntry): Promise<void> {
    try {
      const { version, mutation } = (await readEntry(this.directory, entry)) as { version: number; mutation: string };
      const bytes = Buffer.from(mutation, 'base64');
      const logged = new Mutation(tracker.schema);
      logged.open(bytes, 0, bytes.length, { base: 0, version });
      for (const { kind, table } of tracker.apply(logged)) if (kind === 'dropped') this.noteDropped(table, entry.from);
    } catch (error) {
      throw this.#refusal(entry, error);
    }
  }

  async #addLater(tracker: SchemaTracker, { bases, deltas }: { readonly bases: readonly HistoryEntry[]; readonly deltas: readonly HistoryEntry[] }): Promise<void> {
    if (bases.length === 0 && deltas.length === 0) return;
    const ahead = new SchemaTracker(restoreRows(storeRows(tracker.cells)), tracker.dropped());
    for (const delta of deltas) await this.#applyTo(ahead, delta);
    const later = [...ahead.schema.tables()];
    for (const base of bases) later.push(...(await this.#trackerOf(base)).schema.tables());
    for (const table of later) if (tracker.schema.tableById(table.id) === undefined) tracker.schema.add(table);
  }

  #refusal(entry: HistoryEntry, error: unknown): unknown {
    if (!(error instanceof TypeError || error instanceof SchemaError || (error as Error).name === 'CorruptError' || (error as Error).name === 'UnknownTableError')) return error;
    return damagedHistory(this.directory, join(this.directory, nameOfEntry(entry)), error);
  }
}

function compareEntries(a: HistoryEntry, b: HistoryEntry): number {
  return comparePositions(a.from, b.from) || (a.kind === b.kind ? 0 : a.kind === 'base' ? -1 : 1);
}
