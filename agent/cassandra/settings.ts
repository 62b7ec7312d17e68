/**
 * The settings of a node that decide what its commit log does, from `system_views.settings` (what is in force) or from
 * cassandra.yaml (what the next start will use). Their names and units changed between 4.0 and 4.1; 5.0 added some.
 */
import { textOf } from './node-connection.js';
import type { CassandraSession } from './session.js';

export interface NodeSettings {
  readonly source: 'system_views.settings' | 'cassandra.yaml';
  /** All undefined: not set, or this version has no such setting. Sizes in bytes, times in ms. */
  readonly cdcEnabled: boolean | undefined;
  readonly cdcRawDirectory: string | undefined;
  /** 0 or undefined: Cassandra takes the smaller of 4 GiB and an eighth of the volume. */
  readonly cdcTotalSpace: number | undefined;
  readonly cdcBlockWrites: boolean | undefined;
  readonly cdcOnRepairEnabled: boolean | undefined;
  readonly commitlogDirectory: string | undefined;
  readonly commitlogSync: string | undefined;
  readonly commitlogSyncPeriod: number | undefined;
  readonly commitlogSyncGroupWindow: number | undefined;
  readonly commitlogSegmentSize: number | undefined;
  /** Class name; undefined = not compressed. */
  readonly commitlogCompression: string | undefined;
  readonly commitlogDiskAccessMode: string | undefined;
  readonly isEncrypted: boolean;
  readonly partitioner: string | undefined;
}

/** A setting's text; nested names are joined by a dot. Undefined: not set. */
export type SettingOf = (name: string) => string | undefined;

/** Null when the role may not read them (`GRANT SELECT ON KEYSPACE system_views`). */
export async function readNodeSettings(session: CassandraSession, signal?: AbortSignal): Promise<NodeSettings | null> {
  try {
    const rows = await session.rows('SELECT name, value FROM system_views.settings', { signal });
    const values = new Map(rows.map(({ name, value }) => [textOf(name), value == null ? undefined : textOf(value)]));
    return settingsFrom('system_views.settings', (name) => values.get(name));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'cassandra_rights') return null;
    throw error;
  }
}

export function settingsFrom(source: NodeSettings['source'], of: SettingOf): NodeSettings {
  const flag = (name: string): boolean | undefined => (of(name) === undefined ? undefined : of(name)?.toLowerCase() === 'true');
  const compression = of('commitlog_compression.class_name') ?? of('commitlog_compression');
  return {
    source,
    cdcEnabled: flag('cdc_enabled'),
    cdcRawDirectory: of('cdc_raw_directory'),
    cdcTotalSpace: size(of('cdc_total_space')) ?? size(of('cdc_total_space_in_mb'), 'MiB'),
    cdcBlockWrites: flag('cdc_block_writes'),
    cdcOnRepairEnabled: flag('cdc_on_repair_enabled'),
    commitlogDirectory: of('commitlog_directory'),
    commitlogSync: of('commitlog_sync')?.toLowerCase(),
    commitlogSyncPeriod: duration(of('commitlog_sync_period')) ?? duration(of('commitlog_sync_period_in_ms'), 'ms'),
    commitlogSyncGroupWindow: duration(of('commitlog_sync_group_window')) ?? duration(of('commitlog_sync_group_window_in_ms'), 'ms'),
    commitlogSegmentSize: size(of('commitlog_segment_size')) ?? size(of('commitlog_segment_size_in_mb'), 'MiB'),
    commitlogCompression: compression === undefined || compression === 'null' || compression === '' ? undefined : compression,
    commitlogDiskAccessMode: of('commitlog_disk_access_mode')?.toLowerCase(),
    isEncrypted: (flag('transparent_data_encryption_options.enabled') ?? flag('transparent_data_encryption_options_enabled')) === true,
    partitioner: of('partitioner'),
  };
}

const SIZES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const DURATIONS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** DataStorageSpec, or a bare number of `unit` as 4.0 has it. */
function size(text: string | undefined, unit?: string): number | undefined {
  return measure(text, SIZES, unit);
}

/** DurationSpec, or a bare number of `unit`. */
function duration(text: string | undefined, unit?: string): number | undefined {
  return measure(text, DURATIONS, unit);
}

function measure(text: string | undefined, units: Readonly<Record<string, number>>, bare: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([a-zµ]*)$/i.exec(text?.trim() ?? '') ?? [];
  const factor = units[unit === '' ? (bare ?? '') : (unit ?? '')];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
