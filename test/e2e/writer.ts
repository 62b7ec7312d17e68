/**
 * Writes to one table at a steady rate and remembers what was acknowledged. Every change has a write time of its own, so
 * that an event is told from all others by key and time; changes of one key come one after the other.
 */
import { types, type Client } from 'cassandra-driver';
import { setTimeout as sleep } from 'node:timers/promises';

export type WriteKind = 'insert' | 'update' | 'delete';

export interface WrittenChange {
  readonly key: number;
  /** Microseconds, unique. */
  readonly timestamp: number;
  readonly kind: WriteKind;
  /** Ms since 1970, of the acknowledgement; undefined: nobody knows whether it was taken. */
  ackedAt: number | undefined;
}

export interface WriterOptions {
  readonly client: Client;
  readonly table: string;
  /** Writes per second; 0 = as fast as they are taken. */
  readonly rate: number;
  readonly consistency?: 'one' | 'quorum';
  /** Different keys; `unique`: one for each change, which then is an insert. */
  readonly keys?: number | 'unique';
  readonly workers?: number;
  /** Characters of text in each row; 120. */
  readonly textLength?: number;
}

export const WRITER_COLUMNS = '(k int PRIMARY KEY, v int, t text)';

export class Writer {
  readonly changes: WrittenChange[] = [];
  readonly #options: Required<WriterOptions>;
  #stopped = false;
  #clock = Date.now() * 1000;
  #running: Promise<unknown> | undefined;
  #issued = 0;
  /** Writes that the node refused, or did not answer. */
  refused = 0;
  /** Used from now on: after a restart of the node. */
  client: Client;

  constructor(options: WriterOptions) {
    this.#options = { keys: 500, workers: 16, consistency: 'one', textLength: 120, ...options };
    this.client = options.client;
  }

  get acked(): WrittenChange[] {
    return this.changes.filter(({ ackedAt }) => ackedAt !== undefined);
  }

  start(limit = Infinity): void {
    const { workers } = this.#options;
    const began = performance.now();
    this.#running = Promise.all(Array.from({ length: workers }, (_, worker) => this.#work(worker, began, limit)));
  }

  /** Until `limit` writes were made. */
  async finish(): Promise<void> {
    await this.#running;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #work(worker: number, began: number, limit: number): Promise<void> {
    const { rate, keys, workers } = this.#options;
    for (let turn = 0; !this.#stopped && this.#issued < limit; turn++) {
      const number = this.#issued++;
      if (rate > 0) {
        const wait = began + (number / rate) * 1000 - performance.now();
        if (wait > 1) await sleep(wait);
        if (this.#stopped) return;
      }
      await this.#write(keys === 'unique' ? number : worker + workers * (turn % Math.max(1, Math.floor(keys / workers))), number);
    }
  }

  async #write(key: number, number: number): Promise<void> {
    const { client } = this;
    const { table, keys, textLength } = this.#options;
    const consistency = types.consistencies[this.#options.consistency];
    // Of now, and never the same twice.
    this.#clock = Math.max(this.#clock + 1, Date.now() * 1000);
    const timestamp = this.#clock;
    const kind: WriteKind = keys === 'unique' ? 'insert' : number % 10 === 9 ? 'delete' : number % 3 === 0 ? 'update' : 'insert';
    const change: WrittenChange = { key, timestamp, kind, ackedAt: undefined };
    this.changes.push(change);
    const text = `row ${number} `.padEnd(textLength, 'x');
    try {
      if (kind === 'insert') await client.execute(`INSERT INTO ${table} (k, v, t) VALUES (?, ?, ?) USING TIMESTAMP ${timestamp}`, [key, number, text], { prepare: false, consistency, hints: ['int', 'int', 'text'] });
      else if (kind === 'update') await client.execute(`UPDATE ${table} USING TIMESTAMP ${timestamp} SET v = ?, t = ? WHERE k = ?`, [number, text, key], { prepare: false, consistency, hints: ['int', 'text', 'int'] });
      else await client.execute(`DELETE FROM ${table} USING TIMESTAMP ${timestamp} WHERE k = ?`, [key], { prepare: false, consistency, hints: ['int'] });
      change.ackedAt = Date.now();
    } catch {
      this.refused++;
      await sleep(50);
    }
  }
}
