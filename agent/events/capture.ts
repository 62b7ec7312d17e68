/** Which tables' changes are events. */
import type { TableMetadata } from '../../parsers/index.js';
import type { SkipReason } from './tally.js';

/** SchemaConstants.LOCAL_SYSTEM_KEYSPACE_NAMES and REPLICATED_SYSTEM_KEYSPACE_NAMES, and the virtual ones. */
const SYSTEM_KEYSPACES: ReadonlySet<string> = new Set([
  'system', 'system_schema', 'system_auth', 'system_traces', 'system_distributed', 'system_views', 'system_virtual_schema', 'system_cluster_metadata',
]);

export function isSystemKeyspace(keyspace: string): boolean {
  return SYSTEM_KEYSPACES.has(keyspace);
}

/** Why the changes of `table` are no events; undefined when they are. */
export function whyNotCaptured(table: TableMetadata): SkipReason | undefined {
  if (SYSTEM_KEYSPACES.has(table.keyspace)) return 'system_keyspace';
  if (table.isView) return 'view';
  if (!table.isCdc) return 'not_cdc';
  return table.isCounter ? 'counter' : undefined;
}

/** `whyNotCaptured`, remembered by table. */
export class Captures {
  readonly #reasons = new Map<TableMetadata, SkipReason | undefined>();
  #lastTable: TableMetadata | undefined;
  #last: SkipReason | undefined;

  whyNot(table: TableMetadata): SkipReason | undefined {
    if (table === this.#lastTable) return this.#last;
    if (!this.#reasons.has(table)) this.#reasons.set(table, whyNotCaptured(table));
    this.#lastTable = table;
    return (this.#last = this.#reasons.get(table));
  }
}
