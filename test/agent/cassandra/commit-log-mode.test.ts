/** How long after a write its row can be seen, by the node's settings. */
import { expect } from 'chai';
import { commitLogModeOf, visibleWithinMs } from '../../../agent/cassandra/commit-log-mode.js';
import { settingsFrom } from '../../../agent/cassandra/settings.js';

describe('how long after a write its row can be seen', () => {
  // Settings, mode, behind a marker within ms, confirmed by the index within ms.
  const CASES: readonly (readonly [string, Readonly<Record<string, string>>, string, number, number])[] = [
    ['memory mapped, as Cassandra comes', {}, 'mmap', 100, 10_000],
    ['a period below that of the markers', { commitlog_sync_period: '50ms' }, 'mmap', 50, 50],
    ['direct', { commitlog_disk_access_mode: 'direct', commitlog_sync_period: '200ms' }, 'direct', 200, 200],
    ['auto: nobody knows, so the longer', { commitlog_disk_access_mode: 'auto' }, 'auto', 10_000, 10_000],
    ['compressed', { 'commitlog_compression.class_name': 'LZ4Compressor', commitlog_sync_period: '2s' }, 'compressed', 2000, 2000],
    ['encrypted, whatever else is set', { 'transparent_data_encryption_options.enabled': 'true', commitlog_compression: 'LZ4Compressor' }, 'encrypted', 10_000, 10_000],
    ['batch: before the write is acknowledged', { commitlog_sync: 'batch', commitlog_sync_period: '7s' }, 'mmap', 0, 0],
    ['group, with its window', { commitlog_sync: 'group', commitlog_sync_group_window: '15ms' }, 'mmap', 15, 15],
    ['group without one', { commitlog_sync: 'group' }, 'mmap', 1000, 1000],
  ];

  for (const [name, values, mode, marker, fsync] of CASES) {
    it(name, () => {
      const settings = settingsFrom('cassandra.yaml', (key) => values[key]);
      expect(commitLogModeOf(settings)).to.include({ mode, latencyFloorMs: marker });
      expect([visibleWithinMs(settings, 'marker'), visibleWithinMs(settings, 'fsync')]).to.deep.equal([marker, fsync]);
    });
  }
});
