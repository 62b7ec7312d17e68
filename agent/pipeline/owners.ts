/** What the live log asks of whoever knows the ring (RingOwners). */
import type { CommitLogPosition } from '../../parsers/index.js';
import type { Rejudgement } from '../ring/rejudgement.js';
import type { Ring } from '../ring/ring.js';
import type { AppendBounds } from '../ring/timeline.js';
import type { SchemaFollower } from '../schema/schema-follower.js';
import type { Ownership, SurelyPublished } from './entry-records.js';

/** Who publishes what, by the ring that was in force. */
export interface Owners {
  at(bounds: AppendBounds): { readonly decide: Ownership; readonly surelyPublished: SurelyPublished };
  /** Changes of the keyspace wait; throws ConfigError when waiting can't mend it. */
  held(keyspace: string): void;
  released(): void;
  /** At the start and behind each DDL. `fromMs`: not appended earlier. */
  schemaMoved(follower: SchemaFollower, fromMs: number): void;
  /** Entries up to here were streamed to the node before it was a member, or others publish them; null: there are none. */
  readonly joined: CommitLogPosition | null;
  /** What was appended later, ms since 1970, may have to be judged again, since a change of the ring is seen late. Infinity: nothing ever. */
  readonly settledBeforeMs: number;
  /** The ring has changed, and what was read before is to be judged again; null: it is not. */
  rejudgement(): Rejudgement | null;
  /** That was done for all that was read before `ring` was seen, and what it gave is in Kafka. */
  settle(ring: Ring): void;
}
