/**
 * Nodes that are about to change the ring, by gossip: known some 15 seconds before peers shows it. From 4.1 on, and only
 * where the role may read system_views.gossip_info; without it the ring is seen a little later, and nothing else is lost.
 */
import { textOf } from '../cassandra/node-connection.js';
import { OperatorError } from '../errors.js';
import type { RowSource } from './ring-reader.js';

export interface NodeInMotion {
  readonly address: string;
  /** As org.apache.cassandra.gms.VersionedValue names it: BOOT, BOOT_REPLACE, LEAVING, MOVING, hibernate, removing. */
  readonly state: string;
}

const IN_MOTION = new Set(['BOOT', 'BOOT_REPLACE', 'LEAVING', 'MOVING', 'hibernate', 'removing']);
/** A right may be granted, or the node upgraded, while the agent runs. */
const ASK_AGAIN_MS = 600_000;

export class Gossip {
  readonly #session: RowSource;
  readonly #now: () => number;
  #refusedAtMs = -Infinity;

  /** `now`: ms; only differences matter. */
  constructor(session: RowSource, now: () => number) {
    this.#session = session;
    this.#now = now;
  }

  get isReadable(): boolean {
    return this.#now() - this.#refusedAtMs >= ASK_AGAIN_MS;
  }

  /** None when nothing moves, and when gossip can't be read. */
  async nodesInMotion(signal?: AbortSignal): Promise<NodeInMotion[]> {
    if (!this.isReadable) return [];
    try {
      const rows = await this.#session.rows('SELECT address, status, status_with_port FROM system_views.gossip_info', { signal });
      return rows.flatMap((row) => {
        const state = (textOf(row['status_with_port']) || textOf(row['status'])).split(',', 1)[0];
        return IN_MOTION.has(state) ? [{ address: textOf(row['address']), state }] : [];
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof OperatorError)) throw error;
      this.#refusedAtMs = this.#now();
      return [];
    }
  }
}
