/**
 * Keeps the schema of the place that is being read: from the history at the start, by the DDL in the log after it, by CQL
 * where DDL was missed (a segment without CDC data is never seen), and stores every step before a position behind it is
 * committed.
 *
 *   on DDL                         apply(mutation), and before the next commit: await flush()
 *   on an unknown table or column  await learn(key): true = decode the entry again; false = keep it (unknown-entries.ts)
 *   at the end of the log          await reconcile(position), now and then
 */
import type { CommitLogPosition, Mutation, SchemaView, SystemSchemaRows } from '../../parsers/index.js';
import type { SchemaHistory } from './schema-history.js';
import { SchemaRows } from './schema-rows.js';
import { describe, SchemaTracker, type SchemaChange } from './schema-tracker.js';

/** What the node says: both wait for it. */
export interface SchemaSource {
  rows(signal?: AbortSignal): Promise<SystemSchemaRows>;
  /** Changes with every schema change. */
  version(signal?: AbortSignal): Promise<string>;
}

export interface SchemaListener {
  /** By the log. */
  changed?(what: { readonly change: SchemaChange; readonly position: CommitLogPosition }): void;
  /** Schema changes that the log did not show were taken from the node. */
  caughtUp?(what: { readonly reason: string; readonly changes: readonly SchemaChange[]; readonly position: CommitLogPosition }): void;
}

export interface FollowerOptions {
  readonly history: SchemaHistory;
  readonly source: SchemaSource;
  readonly listener?: SchemaListener;
}

export interface LoggedSchemaMutation {
  /** Opened, of system_schema. */
  readonly mutation: Mutation;
  /** Where the serialized mutation stands in `mutation.bytes`. */
  readonly start: number;
  readonly end: number;
  /** Of the segment. */
  readonly version: number;
  /** Just behind the entry. */
  readonly position: CommitLogPosition;
}

/** So many stored mutations are made one base. */
const DELTAS_PER_BASE = 100;

export class SchemaFollower {
  readonly tracker: SchemaTracker;
  readonly #history: SchemaHistory;
  readonly #source: SchemaSource;
  readonly #listener: SchemaListener;
  /** Asked about once already: asking again would not help. */
  readonly #hopeless = new Set<string>();
  #writes: Promise<void> | undefined;
  /** Version of the schema that the tracker was last found equal to. */
  #agreed: string | undefined;
  /** What CQL showed when it last differed, and how many schema mutations had been applied by then. */
  #suspect: { readonly version: string; readonly applied: number } | undefined;
  #applied = 0;
  /** Mutations stored since the newest base. */
  #deltas: number;

  private constructor({ history, source, listener = {} }: FollowerOptions, tracker: SchemaTracker) {
    this.#history = history;
    this.#source = source;
    this.#listener = listener;
    this.tracker = tracker;
    this.#deltas = history.deltasSinceBase;
  }

  /** `position`: where reading begins. Without a history the node is asked, and waited for. */
  static async start(options: FollowerOptions, position: CommitLogPosition, signal?: AbortSignal): Promise<SchemaFollower> {
    const loaded = await options.history.load(position);
    if (loaded !== null) return new SchemaFollower(options, loaded.tracker);
    // What the log holds from here on was written before now.
    const tracker = new SchemaTracker(new SchemaRows());
    tracker.adopt(await options.source.rows(signal));
    await options.history.baseOf(position, tracker)();
    return new SchemaFollower(options, tracker);
  }

  /** For a Mutation: the same object for good. */
  get schema(): SchemaView {
    return this.tracker.schema;
  }

  /** Takes the DDL of the log. Throws what decoding throws; then `learn`, open the mutation again, and apply it once more. */
  apply({ mutation, start, end, version, position }: LoggedSchemaMutation): SchemaChange[] {
    const changes = this.tracker.apply(mutation);
    this.#applied++;
    for (const change of changes) {
      if (change.kind === 'dropped') this.#history.noteDropped(change.table, position);
      this.#listener.changed?.({ change, position });
    }
    if (!this.#history.has({ kind: 'delta', from: position })) {
      const bytes = Uint8Array.prototype.slice.call(mutation.bytes, start, end);
      this.#write(() => this.#history.saveMutation({ bytes, version, position }));
      if (++this.#deltas >= DELTAS_PER_BASE) this.#writeBase(position);
    }
    return changes;
  }

  /** Resolves when every change so far is stored; undefined when all are. To be awaited before a position behind them is committed. */
  flush(): Promise<void> | undefined {
    return this.#writes;
  }

  /**
   * Asks the node about a table or column that the log names and nobody knows: `key` tells one such thing from another,
   * `tableId` is given when it is a table. `position` lies before the entry. True: the entry can be decoded now, or is
   * worth one more try.
   */
  async learn({ key, tableId, position }: { readonly key: string; readonly tableId?: string; readonly position: CommitLogPosition }, signal?: AbortSignal): Promise<boolean> {
    if (this.#hopeless.has(key)) return false;
    const changes = this.tracker.adopt(await this.#source.rows(signal));
    this.#hopeless.add(key);
    await this.#storeCaughtUp({ reason: `${key} is not in the schema that the log showed`, changes, position });
    return tableId === undefined || this.tracker.schema.tableById(tableId) !== undefined;
  }

  /**
   * Compares with the node at the end of the log. DDL is in the log a moment later than in CQL, so a difference counts
   * only when it is there again at the next call: leave longer than a commit-log sync between two. True when both agree.
   */
  async reconcile(position: CommitLogPosition, signal?: AbortSignal): Promise<boolean> {
    const version = await this.#source.version(signal);
    if (version === this.#agreed) return true;
    const applied = this.#applied;
    const rows = await this.#source.rows(signal);
    const now = new SchemaTracker(rows);
    if (sameTables(now, this.tracker) && sameReplication(now, this.tracker)) {
      this.#agreed = version;
      this.#suspect = undefined;
      return true;
    }
    const isSure = this.#suspect?.version === version && this.#suspect.applied === applied;
    this.#suspect = { version, applied };
    if (!isSure) return false;
    const changes = this.tracker.reset(rows);
    for (const { kind, table } of changes) if (kind === 'dropped') this.#history.noteDropped(table, position);
    await this.#storeCaughtUp({ reason: 'the node has it so at the end of the log', changes, position });
    this.#agreed = version;
    this.#suspect = undefined;
    return true;
  }

  /** Nothing before `low` is needed any more. */
  async prune(low: CommitLogPosition): Promise<void> {
    await this.#writes;
    await this.#history.prune(low);
  }

  async #storeCaughtUp(what: { readonly reason: string; readonly changes: readonly SchemaChange[]; readonly position: CommitLogPosition }): Promise<void> {
    this.#writeBase(what.position);
    await this.#writes;
    if (what.changes.length > 0) this.#listener.caughtUp?.(what);
  }

  #writeBase(position: CommitLogPosition): void {
    this.#deltas = 0;
    this.#write(this.#history.baseOf(position, this.tracker));
  }

  /** One after the other; a failure stays and is told by the next `flush`. */
  #write(work: () => Promise<void>): void {
    const writes: Promise<void> = (this.#writes ?? Promise.resolve()).then(work);
    this.#writes = writes;
    writes.then(() => {
      if (this.#writes === writes) this.#writes = undefined;
    }, () => undefined);
  }
}

function sameTables(a: SchemaTracker, b: SchemaTracker): boolean {
  const text = (tracker: SchemaTracker): string => [...tracker.tables()].map((table) => `${table.id} ${table.keyspace} ${describe(table)}`).sort().join('\n');
  return text(a) === text(b);
}

function sameReplication(a: SchemaTracker, b: SchemaTracker): boolean {
  const text = (tracker: SchemaTracker): string => [...tracker.replication()].map(([keyspace, options]) => JSON.stringify([keyspace, Object.entries(options).sort()])).sort().join('\n');
  return text(a) === text(b);
}
