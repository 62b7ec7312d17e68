/**
 * Writes to one table in every way that CQL has: inserts, updates, deletes, logged and unlogged batches, and lightweight
 * transactions, also two at once about one row. A write time of one's own is refused with an LWT, so a change is told from
 * all others by its row and the value that it sets; a row is deleted once and never used again.
 */
import { types, type Client } from 'cassandra-driver';
import { setTimeout as sleep } from 'node:timers/promises';

export type RowWrite = 'insert' | 'update' | 'delete';

export interface RingChange {
  readonly op: RowWrite;
  readonly k: number;
  readonly c: number;
  /** Unique; of a delete: undefined. */
  readonly v: number | undefined;
  /** By a lightweight transaction. */
  readonly isLwt: boolean;
  /** Ms since 1970. */
  readonly issuedAt: number;
  /** Ms since 1970; undefined: nobody knows whether it was taken. */
  ackedAt: number | undefined;
}

export type Statement = 'insert' | 'update' | 'delete' | 'loggedBatch' | 'partitionBatch' | 'insertIfAbsent' | 'updateIf' | 'contend';

/** Statements in turn. */
const MIX: readonly Statement[] = [
  'insert', 'insert', 'insertIfAbsent', 'update', 'insert', 'delete', 'updateIf', 'update',
  'loggedBatch', 'insert', 'update', 'partitionBatch', 'insert', 'delete', 'contend', 'insert',
];

/** With more rows to a statement: every fourth is a batch to one partition, every eleventh an LWT. */
export const BULK_MIX: readonly Statement[] = [
  'insert', 'partitionBatch', 'update', 'insert', 'insertIfAbsent', 'partitionBatch', 'insert', 'delete',
  'update', 'partitionBatch', 'insert', 'loggedBatch', 'insert', 'partitionBatch', 'update', 'updateIf',
  'insert', 'partitionBatch', 'delete', 'insert', 'update', 'partitionBatch', 'insert', 'contend',
  'insert', 'partitionBatch', 'update', 'insert', 'loggedBatch', 'partitionBatch', 'delete', 'insert',
];

export interface RingWriterOptions {
  readonly client: Client;
  readonly table: string;
  /** Statements per second. */
  readonly rate: number;
  /** Rows are inserted and then left alone: what streams later is what was written. */
  readonly insertsOnly?: boolean;
  readonly workers?: number;
  /** Of a batch to one partition: the last is an update, the others are inserts. */
  readonly batchRows?: number;
  readonly mix?: readonly Statement[];
  /** Of several that write to one table: each has its own, from 0 on. Only the contended rows are common to them. */
  readonly number?: number;
}

export const RING_COLUMNS = '(k int, c int, v int, t text, PRIMARY KEY (k, c))';

/** Column t of each inserted row. */
export const RING_TEXT = 'x'.repeat(100);

/** Rows that several workers change by LWT. */
const CONTENDED = 3;
const PARTITIONS_PER_WORKER = 12;
const PARTITIONS_PER_WRITER = 10_000;
const VALUES_PER_WRITER = 100_000_000;

interface OpenRow {
  readonly k: number;
  readonly c: number;
  readonly v: number;
}

export class RingWriter {
  readonly changes: RingChange[] = [];
  /** LWTs that were answered with `[applied] = false`. */
  refused = 0;
  failed = 0;
  readonly #options: Required<RingWriterOptions>;
  #stopped = false;
  #running: Promise<unknown> | undefined;
  #issued = 0;
  #values = 0;

  constructor(options: RingWriterOptions) {
    this.#options = { insertsOnly: false, workers: 16, batchRows: 2, mix: MIX, number: 0, ...options };
  }

  get acked(): RingChange[] {
    return this.changes.filter(({ ackedAt }) => ackedAt !== undefined);
  }

  start(): void {
    const began = performance.now();
    this.#running = Promise.all(Array.from({ length: this.#options.workers }, (_, worker) => new Worker(this, worker).run(began)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  get insertsOnly(): boolean {
    return this.#options.insertsOnly;
  }

  get table(): string {
    return this.#options.table;
  }

  get batchRows(): number {
    return this.#options.batchRows;
  }

  get mix(): readonly Statement[] {
    return this.#options.mix;
  }

  /** All that it may write to. */
  get partitions(): number[] {
    const contended = Array.from({ length: CONTENDED }, (_, index) => -1 - index);
    return [...contended, ...Array.from({ length: this.#options.workers * PARTITIONS_PER_WORKER }, (_, index) => this.firstPartition + index)];
  }

  get firstPartition(): number {
    return this.#options.number * PARTITIONS_PER_WRITER;
  }

  /** A value that no other change sets. */
  nextValue(): number {
    return this.#options.number * VALUES_PER_WRITER + ++this.#values;
  }

  /** Waits for the next statement's turn; null: it is over. */
  async turn(began: number): Promise<number | null> {
    const number = this.#issued++;
    const wait = began + (number / this.#options.rate) * 1000 - performance.now();
    if (wait > 1 && !this.#stopped) await sleep(wait);
    return this.#stopped ? null : number;
  }

  /** True when it was acknowledged, and taken. */
  async execute(cql: string, parameters: readonly number[], changes: readonly Omit<RingChange, 'issuedAt' | 'ackedAt'>[]): Promise<boolean> {
    const made = changes.map((change) => ({ ...change, issuedAt: Date.now(), ackedAt: undefined as number | undefined }));
    const isLwt = changes.some((change) => change.isLwt);
    if (!isLwt) this.changes.push(...made);
    try {
      const { rows } = await this.#options.client.execute(cql, parameters, { prepare: true, consistency: types.consistencies.quorum, serialConsistency: types.consistencies.serial });
      if (isLwt && rows[0]['[applied]'] !== true) {
        this.refused++;
        return false;
      }
      for (const change of made) change.ackedAt = Date.now();
      if (isLwt) this.changes.push(...made);
      return true;
    } catch {
      this.failed++;
      if (isLwt) this.changes.push(...made);
      await sleep(50);
      return false;
    }
  }
}

/** One of those that write at the same time: it alone changes its rows, but for the contended ones. */
class Worker {
  readonly #writer: RingWriter;
  readonly #first: number;
  /** Rows that are there, by what they were made with. */
  readonly #rows: { readonly plain: OpenRow[]; readonly lwt: OpenRow[] } = { plain: [], lwt: [] };
  #next = 0;

  constructor(writer: RingWriter, worker: number) {
    this.#writer = writer;
    this.#first = writer.firstPartition + worker * PARTITIONS_PER_WORKER;
  }

  async run(began: number): Promise<void> {
    for (let number = await this.#writer.turn(began); number !== null; number = await this.#writer.turn(began)) await this.#write(number);
  }

  async #write(number: number): Promise<void> {
    if (this.#writer.insertsOnly) return this.#insert();
    const { mix } = this.#writer;
    const statement = mix[number % mix.length];
    switch (statement) {
      case 'insert': return this.#insert();
      case 'update': case 'delete': return this.#change(statement);
      case 'loggedBatch': return this.#loggedBatch();
      case 'partitionBatch': return this.#partitionBatch();
      case 'insertIfAbsent': return this.#insertIfAbsent();
      case 'updateIf': return this.#updateIf();
      case 'contend': return this.#contend(number);
    }
  }

  #newRow(): OpenRow {
    const c = this.#next++;
    return { k: this.#first + (c % PARTITIONS_PER_WORKER), c, v: this.#writer.nextValue() };
  }

  async #insert(): Promise<void> {
    const row = this.#newRow();
    if (await this.#writer.execute(this.#insertion(), [row.k, row.c, row.v], [{ op: 'insert', ...row, isLwt: false }])) this.#rows.plain.push(row);
  }

  async #change(op: 'update' | 'delete'): Promise<void> {
    const row = this.#rows.plain.shift();
    if (row === undefined) return this.#insert();
    const { k, c } = row;
    if (op === 'delete') {
      await this.#writer.execute(`DELETE FROM ${this.#writer.table} WHERE k = ? AND c = ?`, [k, c], [{ op, k, c, v: undefined, isLwt: false }]);
      return;
    }
    const v = this.#writer.nextValue();
    if (await this.#writer.execute(`UPDATE ${this.#writer.table} SET v = ? WHERE k = ? AND c = ?`, [v, k, c], [{ op, k, c, v, isLwt: false }])) this.#rows.plain.push({ k, c, v });
  }

  /** Three partitions, through the batch log. */
  async #loggedBatch(): Promise<void> {
    const rows = [this.#newRow(), this.#newRow(), this.#newRow()];
    await this.#writer.execute(`BEGIN BATCH ${`${this.#insertion()}; `.repeat(3)}APPLY BATCH`, rows.flatMap(({ k, c, v }) => [k, c, v]), rows.map((row) => ({ op: 'insert', ...row, isLwt: false })));
  }

  /** Some rows of one partition: one mutation. */
  async #partitionBatch(): Promise<void> {
    const { batchRows } = this.#writer;
    const first = this.#newRow();
    const inserted = [first, ...Array.from({ length: batchRows - 2 }, (_, i) => ({ k: first.k, c: -2 - first.c * batchRows - i, v: this.#writer.nextValue() }))];
    const updated = { k: first.k, c: -1 - first.c * batchRows, v: this.#writer.nextValue() };
    await this.#writer.execute(`BEGIN UNLOGGED BATCH ${`${this.#insertion()}; `.repeat(inserted.length)}UPDATE ${this.#writer.table} SET v = ? WHERE k = ? AND c = ?; APPLY BATCH`,
      [...inserted.flatMap(({ k, c, v }) => [k, c, v]), updated.v, updated.k, updated.c],
      [...inserted.map((row) => ({ op: 'insert' as const, ...row, isLwt: false })), { op: 'update', ...updated, isLwt: false }]);
  }

  async #insertIfAbsent(): Promise<void> {
    const row = this.#newRow();
    if (await this.#writer.execute(`${this.#insertion()} IF NOT EXISTS`, [row.k, row.c, row.v], [{ op: 'insert', ...row, isLwt: true }])) this.#rows.lwt.push(row);
  }

  async #updateIf(): Promise<void> {
    const row = this.#rows.lwt.shift();
    if (row === undefined) return this.#insertIfAbsent();
    const v = this.#writer.nextValue();
    if (await this.#writer.execute(`UPDATE ${this.#writer.table} SET v = ? WHERE k = ? AND c = ? IF v = ?`, [v, row.k, row.c, row.v], [{ op: 'update', k: row.k, c: row.c, v, isLwt: true }])) this.#rows.lwt.push({ ...row, v });
  }

  /** Whatever stands there: the workers only get into each other's way. */
  async #contend(number: number): Promise<void> {
    const k = -1 - (number % CONTENDED);
    const v = this.#writer.nextValue();
    await this.#writer.execute(`UPDATE ${this.#writer.table} SET v = ? WHERE k = ? AND c = ? IF v != ?`, [v, k, 0, v], [{ op: 'update', k, c: 0, v, isLwt: true }]);
  }

  #insertion(): string {
    return `INSERT INTO ${this.#writer.table} (k, c, v, t) VALUES (?, ?, ?, '${RING_TEXT}')`;
  }
}
