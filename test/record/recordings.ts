/** What is recorded: each version in each of its commit-log modes. */
import { CASSANDRA_VERSIONS, type CassandraVersion } from '../lab/index.js';

export const MODES = ['mmap', 'mmap-v8', 'direct', 'lz4', 'lz4-v8', 'snappy', 'deflate', 'zstd', 'encrypted'] as const;
export type Mode = (typeof MODES)[number];

export interface Recording {
  /** Name of its directory. */
  readonly name: string;
  readonly version: CassandraVersion;
  readonly mode: Mode;
}

const VERSION_8 = { storage_compatibility_mode: 'NONE' };

const BEFORE_5: readonly Mode[] = ['mmap', 'lz4', 'snappy', 'deflate', 'zstd', 'encrypted'];

export const RECORDINGS: readonly Recording[] = [
  ...MODES.map((mode) => recording('5.0.6', mode)),
  ...BEFORE_5.map((mode) => recording('4.1.8', mode)),
  ...BEFORE_5.map((mode) => recording('4.0.15', mode)),
];

/** Entries that no reader can take, among others, in the default mode. */
export const MALFORMED: readonly Recording[] = CASSANDRA_VERSIONS.map((version) => ({ name: `${version}-malformed`, version, mode: 'mmap' as const }));

function recording(version: CassandraVersion, mode: Mode): Recording {
  return { name: `${version}-${mode}`, version, mode };
}

/** cassandra.yaml of a mode; an encrypted one needs `encryption` besides. */
export function configOf({ version, mode }: Recording): Record<string, unknown> {
  const features = version.startsWith('4.0')
    ? { enable_materialized_views: true, enable_drop_compact_storage: true }
    : { materialized_views_enabled: true, drop_compact_storage_enabled: true };
  return { ...features, ...modeConfig(mode) };
}

function modeConfig(mode: Mode): Record<string, unknown> {
  switch (mode) {
    case 'mmap': case 'encrypted': return {};
    case 'mmap-v8': return VERSION_8;
    case 'direct': return { commitlog_disk_access_mode: mode };
    case 'lz4': return compression('LZ4Compressor');
    case 'lz4-v8': return { ...VERSION_8, ...compression('LZ4Compressor') };
    case 'snappy': return compression('SnappyCompressor');
    case 'deflate': return compression('DeflateCompressor');
    case 'zstd': return compression('ZstdCompressor');
  }
}

function compression(name: string): Record<string, unknown> {
  return { commitlog_compression: [{ class_name: name }] };
}

/**
 * Milliseconds between syncs. In mmap mode a marker is written every 100 ms whatever is set; the others write a section
 * per sync: many small ones in some recordings, few large ones in the rest.
 */
export function syncPeriodOf(mode: Mode): number {
  if (mode === 'snappy' || mode === 'deflate') return 2000;
  return mode === 'mmap' || mode === 'mmap-v8' ? 10_000 : 200;
}
