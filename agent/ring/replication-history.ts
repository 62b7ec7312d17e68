/**
 * Replication options of the keyspaces, as the log's own schema changes say them: what was observed last is in force at
 * this place of the log, whatever the time. What was before it counts a little longer, since nodes apply a schema change
 * at different times.
 */
import type { ReplicationOptions } from './replication.js';

export type KeyspaceReplication = ReadonlyMap<string, ReplicationOptions>;

export interface ReplicationChange {
  readonly value: KeyspaceReplication;
  /** When the change was appended, as far as that is known; ms since 1970. */
  readonly fromMs: number;
}

const CAPACITY = 64;

export class ReplicationHistory {
  #changes: ReplicationChange[] = [];

  /** Oldest first. */
  get changes(): readonly ReplicationChange[] {
    return this.#changes;
  }

  get current(): KeyspaceReplication | undefined {
    return this.#changes.at(-1)?.value;
  }

  restore(changes: readonly ReplicationChange[]): void {
    this.#changes = changes.slice(-CAPACITY);
  }

  /** True when it is another one than before. */
  observe(value: KeyspaceReplication, fromMs: number): boolean {
    if (this.current !== undefined && textOfAll(this.current) === textOfAll(value)) return false;
    this.#changes.push({ value: new Map(value), fromMs: Math.max(0, fromMs) });
    if (this.#changes.length > CAPACITY) this.#changes.shift();
    return true;
  }

  /** In force for what was appended after `appendedAfterMs` and stands at this place of the log; the newest last. */
  during(appendedAfterMs: number, toleranceMs: number): KeyspaceReplication[] {
    const changes = this.#changes;
    let first = changes.length - 1;
    while (first > 0 && changes[first].fromMs + toleranceMs >= appendedAfterMs) first--;
    return changes.slice(Math.max(0, first)).map(({ value }) => value);
  }

  /** Of a keyspace, as they were when it was there last. */
  lastOf(keyspace: string): ReplicationOptions | undefined {
    return this.#changes.findLast(({ value }) => value.has(keyspace))?.value.get(keyspace);
  }
}

/** Equal for equal options, in whatever order they come. */
export function textOfOptions(options: ReplicationOptions): string {
  return JSON.stringify(Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function textOfAll(keyspaces: KeyspaceReplication): string {
  return JSON.stringify([...keyspaces].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, options]) => [name, textOfOptions(options)]));
}
