/** What a node's settings allow: how long after a write its row can be seen in cdc_raw. */
import type { NodeSettings } from './settings.js';

export interface CommitLogMode {
  /** `auto` (5.0): Cassandra decides at start, direct on an SSD; the files themselves show which. */
  readonly mode: 'mmap' | 'direct' | 'auto' | 'compressed' | 'encrypted';
  readonly sync: 'periodic' | 'batch' | 'group';
  /** Longest time until a written row is visible, ms; the median is half of it. */
  readonly latencyFloorMs: number;
}

/** In mmap mode the log thread writes a marker this often between syncs (AbstractCommitLogService.DEFAULT_MARKER_INTERVAL_MILLIS). */
const MARKER_INTERVAL_MS = 100;
const DEFAULT_PERIOD_MS = 10_000;
const DEFAULT_WINDOW_MS = 1000;

export function commitLogModeOf(settings: NodeSettings): CommitLogMode {
  const mode = modeOf(settings);
  const sync = settings.commitlogSync === 'batch' || settings.commitlogSync === 'group' ? settings.commitlogSync : 'periodic';
  const syncMs = syncIntervalMs(sync, settings);
  return { mode, sync, latencyFloorMs: sync === 'periodic' && mode === 'mmap' ? Math.min(syncMs, MARKER_INTERVAL_MS) : syncMs };
}

/** Longest time until a written row may be published, ms: seen behind a marker, or confirmed by the cdc index, which is written after each sync. */
export function visibleWithinMs(settings: NodeSettings, durability: 'marker' | 'fsync'): number {
  const { sync, latencyFloorMs } = commitLogModeOf(settings);
  return durability === 'fsync' ? syncIntervalMs(sync, settings) : latencyFloorMs;
}

function syncIntervalMs(sync: CommitLogMode['sync'], { commitlogSyncGroupWindow, commitlogSyncPeriod }: NodeSettings): number {
  if (sync === 'batch') return 0;
  return sync === 'group' ? (commitlogSyncGroupWindow ?? DEFAULT_WINDOW_MS) : (commitlogSyncPeriod ?? DEFAULT_PERIOD_MS);
}

function modeOf({ isEncrypted, commitlogCompression, commitlogDiskAccessMode }: NodeSettings): CommitLogMode['mode'] {
  if (isEncrypted) return 'encrypted';
  if (commitlogCompression !== undefined) return 'compressed';
  return commitlogDiskAccessMode === 'direct' || commitlogDiskAccessMode === 'auto' ? commitlogDiskAccessMode : 'mmap';
}
