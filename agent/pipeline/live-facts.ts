/** What changes all the time, for status and metrics: from memory, at no cost to the hot path. */
import { formatPosition } from '../../parsers/index.js';
import type { Tally } from '../events/tally.js';
import type { StoredPosition } from '../publisher/kafka/port.js';
import type { LiveFacts } from '../service/agent-status.js';
import type { LiveSource } from '../source/live/live-source.js';
import type { Directories } from './directories.js';
import { positionText, type LiveLog } from './live-log.js';

export interface FactSources {
  readonly log: LiveLog;
  readonly source: LiveSource;
  readonly tally: Tally;
  readonly directories: Directories;
  /** cdc_total_space. */
  readonly limit: number | null;
  readonly committed: StoredPosition | undefined;
}

export function liveFactsOf({ log, source, tally, directories, limit, committed }: FactSources): LiveFacts {
  const behind = source.behind();
  const skipped = Object.fromEntries([...tally.skipped].map(([reason, names]) => [reason, [...names.values()].reduce((sum, count) => sum + count, 0)]));
  let raw = 0;
  let quarantined = 0;
  let started = 0;
  for (const file of source.directory.files.values()) {
    if (file.paths.has('raw')) raw += file.size();
    if (file.paths.has('quarantine')) quarantined++;
    // One that stands ready for later is neither unread nor read.
    if (file.isStarted) started++;
  }
  const { spool } = source;
  return {
    position: committed === undefined ? null : formatPosition(committed),
    read_position: positionText(log.readPosition),
    lag: { bytes: source.isCaughtUp ? 0 : behind.bytes, seconds: log.lagSeconds(committed) },
    segments: { unread: behind.segments, read: started - behind.segments, quarantined, refused: source.counts.refused, bytes_read: source.counts.readBytes },
    skipped,
    repeats: skipped['repeat'] ?? 0,
    late: log.late,
    cdc_raw: { directory: directories.raw, bytes: raw, limit_bytes: limit },
    spool: spool === undefined ? null : { directory: spool.settings.directory, bytes: spool.used, limit_bytes: spool.settings.limit },
  };
}
