/**
 * The epochs of this node: which ring, and which replication of the keyspaces, was in force when. Durable, since a backlog
 * is judged by the ring of the time at which it was appended, also by an agent that starts later.
 */
import type { CommitLogPosition } from '../../parsers/index.js';
import { ReplicationHistory, type KeyspaceReplication } from './replication-history.js';
import type { Ring } from './ring.js';
import { Timeline } from './timeline.js';

/**
 * So long before this node last saw a ring, others may have known the next one (gossip takes seconds): coordinators send a
 * partition's writes to its new owner while the owner itself still judges by the old ring. And what an owner missed shortly
 * before it left, it never gets: hints are on their way for up to half a minute, and are thrown away when it is gone.
 */
const LOOK_BACK_MS = 30_000;

/** A change of the ring that what was read before it was seen has not been judged by. */
export interface UnsettledChange {
  /** Of the first such change: in force, as far as is known, for all that was appended before; ms since 1970. */
  readonly fromMs: number;
  /** What was read since was judged by it. */
  readonly ring: Ring;
}

/** Rings that are remembered; an older backlog is judged by the oldest of them. */
const RINGS = 64;

export class Epochs {
  readonly hostId: string;
  readonly rings = new Timeline<Ring>({ capacity: RINGS, isSame: (a, b) => a.key === b.key });
  readonly replications = new ReplicationHistory();
  /** Changes of the ring since the first one was seen: the number of the epoch. */
  ringChanges = 0;
  /** When this node became a member of the ring, ms since 1970. */
  joinedAtMs: number | null = null;
  /** Where that stands in the log: entries up to here are history. Null: not known, or they are to be published. */
  joined: CommitLogPosition | null = null;
  /** Host ids of nodes that others took the place of: their rows may come back. */
  readonly replaced = new Set<string>();
  unsettled: UnsettledChange | null = null;
  /** This node was decommissioned, and its ring can't be read any more: the last one was in force to the end of its log. */
  hasLeft = false;
  /** Raised by every change: what was computed before is out of date. */
  version = 0;

  constructor(hostId: string) {
    this.hostId = hostId;
  }

  /** Entries up to here are history of the time when the node joined. */
  leaveOut(until: CommitLogPosition): void {
    this.joined = until;
    this.version++;
  }

  /** The ring as it was read at `atMs`, ms since 1970. True when it is another one than before, false for the first. */
  observeRing(ring: Ring, atMs: number): boolean {
    this.hasLeft = false;
    const before = this.rings.current;
    if (!this.rings.observe(ring, atMs)) return false;
    this.version++;
    if (before === undefined) return false;
    this.ringChanges++;
    this.unsettled ??= { fromMs: before.confirmedMs - LOOK_BACK_MS, ring: before.value };
    return true;
  }

  /** The node says that it is no member; true when it was one, and this is news. */
  leave(): boolean {
    if (this.hasLeft || (this.rings.current?.value.indexOf(this.hostId) ?? -1) < 0) return false;
    this.hasLeft = true;
    this.version++;
    return true;
  }

  /** No ring that is not seen yet was in force before this, ms since 1970; what was appended later may have to be judged again. */
  get settledBeforeMs(): number {
    return this.unsettled?.fromMs ?? (this.rings.current?.confirmedMs ?? -Infinity) - LOOK_BACK_MS;
  }

  /** When what is in force now came into force, ms since 1970; -Infinity: nothing else ever was, as far as is known. */
  get lastChangeMs(): number {
    const { rings: { periods, current }, replications: { changes } } = this;
    const ofRing = periods.length > 1 ? (current?.seenMs ?? -Infinity) : -Infinity;
    return Math.max(ofRing, changes.length > 1 ? changes[changes.length - 1].fromMs : -Infinity);
  }

  /** Rings that were first seen behind the unsettled change's, oldest first; that one may be among them. */
  get ringsSince(): Ring[] {
    const { unsettled } = this;
    return unsettled === null ? [] : this.rings.periods.filter(({ seenMs }) => seenMs >= unsettled.fromMs + LOOK_BACK_MS).map(({ value }) => value);
  }

  /** All that was read before `ring` was seen has been judged by it too, and by those before it; what that gave is published. */
  settle(ring: Ring): void {
    const period = this.rings.periods.findLast(({ value }) => value.key === ring.key);
    if (this.unsettled === null || period === undefined) return;
    this.version++;
    this.unsettled = this.rings.current === period ? null : { fromMs: period.confirmedMs - LOOK_BACK_MS, ring: period.value };
  }

  /**
   * Replication options of all keyspaces at this place of the log (SchemaTracker.replication), in the order of the log.
   * `fromMs`: when the change was appended, as far as that is known; ms since 1970.
   */
  observeReplication(replication: KeyspaceReplication, fromMs: number): void {
    if (this.replications.observe(replication, fromMs)) this.version++;
  }
}
