/**
 * The epochs of this node: which ring, and which replication of the keyspaces, was in force when. Durable, since a backlog
 * is judged by the ring of the time at which it was appended, also by an agent that starts later.
 */
import { ReplicationHistory, type KeyspaceReplication } from './replication-history.js';
import type { Ring } from './ring.js';
import { Timeline } from './timeline.js';

/** Rings that are remembered; an older backlog is judged by the oldest of them. */
const RINGS = 64;

export class Epochs {
  readonly hostId: string;
  readonly rings = new Timeline<Ring>({ capacity: RINGS, isSame: (a, b) => a.key === b.key });
  readonly replications = new ReplicationHistory();
  /** Changes of the ring since the first one was seen: the number of the epoch. */
  ringChanges = 0;
  /** When this node became a member of the ring, ms since 1970: what it logged before was streamed to it, or published by others. */
  joinedAtMs: number | null = null;
  /** Host ids of nodes that others took the place of: their rows may come back. */
  readonly replaced = new Set<string>();
  /** Raised by every change: what was computed before is out of date. */
  version = 0;

  constructor(hostId: string) {
    this.hostId = hostId;
  }

  /** The ring as it was read at `atMs`, ms since 1970. True when it is another one than before, false for the first. */
  observeRing(ring: Ring, atMs: number): boolean {
    const isFirst = this.rings.current === undefined;
    if (!this.rings.observe(ring, atMs)) return false;
    this.version++;
    if (!isFirst) this.ringChanges++;
    return !isFirst;
  }

  /**
   * Replication options of all keyspaces at this place of the log (SchemaTracker.replication), in the order of the log.
   * `fromMs`: when the change was appended, as far as that is known; ms since 1970.
   */
  observeReplication(replication: KeyspaceReplication, fromMs: number): void {
    if (this.replications.observe(replication, fromMs)) this.version++;
  }
}
