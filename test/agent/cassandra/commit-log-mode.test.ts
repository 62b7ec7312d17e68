/** How long after a write its row can be seen, by the node's settings. */
import { expect } from 'chai';
import { commitLogModeOf, visibleWithinMs } from '../../../agent/cassandra/commit-log-mode.js';
import type { NodeSettings } from '../../../agent/cassandra/settings.js';

const DEFAULTS: NodeSettings = {
  source: 'cassandra.yaml', cdcEnabled: true, cdcRawDirectory: undefined, cdcTotalSpace: undefined, cdcBlockWrites: undefined, cdcOnRepairEnabled: undefined,
  commitlogDirectory: undefined, commitlogSync: 'periodic', commitlogSyncPeriod: undefined, commitlogSyncGroupWindow: undefined, commitlogSegmentSize: undefined,
  commitlogCompression: undefined, commitlogDiskAccessMode: undefined, isEncrypted: false, partitioner: undefined,
};

describe('how long after a write its row can be seen', () => {
  // Settings, mode, behind a marker within ms, confirmed by the index within ms.
  const CASES: readonly (readonly [string, Partial<NodeSettings>, string, number, number])[] = [
    ['memory mapped, as Cassandra comes', {}, 'mmap', 100, 10_000],
    ['a period below that of the markers', { commitlogSyncPeriod: 50 }, 'mmap', 50, 50],
    ['direct', { commitlogDiskAccessMode: 'direct', commitlogSyncPeriod: 200 }, 'direct', 200, 200],
    ['auto: nobody knows, so the longer', { commitlogDiskAccessMode: 'auto' }, 'auto', 10_000, 10_000],
    ['compressed', { commitlogCompression: 'LZ4Compressor', commitlogSyncPeriod: 2000 }, 'compressed', 2000, 2000],
    ['encrypted, whatever else is set', { isEncrypted: true, commitlogCompression: 'LZ4Compressor' }, 'encrypted', 10_000, 10_000],
    ['batch: before the write is acknowledged', { commitlogSync: 'batch', commitlogSyncPeriod: 7000 }, 'mmap', 0, 0],
    ['group, with its window', { commitlogSync: 'group', commitlogSyncGroupWindow: 15 }, 'mmap', 15, 15],
    ['group without one', { commitlogSync: 'group' }, 'mmap', 1000, 1000],
  ];

  for (const [name, some, mode, marker, fsync] of CASES) {
    it(name, () => {
      const settings = { ...DEFAULTS, ...some };
      expect(commitLogModeOf(settings)).to.include({ mode, latencyFloorMs: marker });
      expect([visibleWithinMs(settings, 'marker'), visibleWithinMs(settings, 'fsync')]).to.deep.equal([marker, fsync]);
    });
  }
});
