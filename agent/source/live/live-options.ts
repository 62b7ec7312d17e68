/** What the live source is given, and what it gives. */
import type { CommitLogDescriptor, SyncSegment } from '../../../parsers/index.js';
import type { FileSystem } from './file-system.js';
import type { LiveClock } from './live-clock.js';
import type { Gap, LiveListener } from './reports.js';
import type { SpoolSettings } from './spool.js';

export interface LiveSegment {
  readonly id: number;
  readonly name: string;
  readonly descriptor: CommitLogDescriptor;
}

export type LiveItem =
  /** Verified whole; cut at the front where a resume position lies inside. Valid until the next pull. */
  | { readonly kind: 'section'; readonly segment: LiveSegment; readonly section: SyncSegment }
  /** In its place: behind everything before it. When it is accounted for, the position to commit is `gap.to`. */
  | { readonly kind: 'gap'; readonly gap: Gap };

export interface LiveSourceOptions {
  readonly raw: string;
  /** File that remembers which segments were seen; in the state directory. */
  readonly ledger: string;
  readonly spool?: SpoolSettings | undefined;
  /** Directory for damaged segments, on the filesystem of cdc_raw. */
  readonly quarantine?: string | undefined;
  readonly key?: Buffer | undefined;
  readonly durability?: 'marker' | 'fsync';
  readonly onCorruption?: 'stop' | 'skip_section';
  /** Ms; 20. */
  readonly pollInterval?: number;
  /** Ms between two listings that nobody hinted at; 200. */
  readonly listInterval?: number;
  /** Bytes that cdc_raw may hold (cdc_total_space) before Cassandra refuses writes; undefined: not known. */
  readonly rawLimit?: number | undefined;
  /** `cdc_block_writes: false`: Cassandra deletes segments that nobody has read. */
  readonly unlinksUnread?: boolean;
  /** User id of Cassandra. */
  readonly owner?: number;
  /** Bytes; 256 MiB. */
  readonly largestSegment?: number;
  readonly fileSystem?: FileSystem;
  readonly clock?: LiveClock;
  readonly listener?: LiveListener;
}
