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

/** Which captured tables the configuration wants; it may be replaced at any time. */
export class TableSelection {
  /** Changes with each replacement. */
  version = 0;
  #wants: (table: string) => boolean;

  /** `wants` is asked about `keyspace.table`. */
  constructor(wants: (table: string) => boolean) {
    this.#wants = wants;
  }

  replace(wants: (table: string) => boolean): void {
    this.#wants = wants;
    this.version++;
  }

  has({ keyspace, name }: TableMetadata): boolean {
    return this.#wants(`${keyspace}.${name}`);
  }
}

/** `whyNotCaptured` and the selection, remembered by table. */
export class Captures {
  readonly #selection: TableSelection | undefined;
  #version = 0;
  #reasons = new Map<TableMetadata, SkipReason | undefined>();
  #lastTable: TableMetadata | undefined;
  #last: SkipReason | undefined;

  constructor(selection?: TableSelection) {
    this.#selection = selection;
  }

  whyNot(table: TableMetadata): SkipReason | undefined {
    const selection = this.#selection;
    if (selection !== undefined && selection.version !== this.#version) this.#forget(selection.version);
    if (table === this.#lastTable) return this.#last;
    if (!this.#reasons.has(table)) this.#reasons.set(table, whyNotCaptured(table) ?? (selection === undefined || selection.has(table) ? undefined : 'filtered'));
    this.#lastTable = table;
    return (this.#last = this.#reasons.get(table));
  }

  #forget(version: number): void {
    this.#version = version;
    this.#reasons = new Map<TableMetadata, SkipReason | undefined>();
    this.#lastTable = undefined;
  }
}
