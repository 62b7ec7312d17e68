/** One look at the ring, for a command: the ring as it is, or an error that says why it can't be told. */
import { setTimeout as timer } from 'node:timers/promises';
import { RetryableError } from '../errors.js';
import { Gossip, type NodeInMotion } from './gossip.js';
import type { Ring } from './ring.js';
import { readRing, type RowSource } from './ring-reader.js';
import { RingSettler } from './ring-settler.js';

const ATTEMPTS = 8;
const PAUSE_MS = 250;

/** Rejects with OperatorError. */
export async function lookAtRing(session: RowSource, signal?: AbortSignal): Promise<{ readonly ring: Ring; readonly localHostId: string; readonly inMotion: readonly NodeInMotion[] }> {
  const settler = new RingSettler();
  let why = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await timer(PAUSE_MS, undefined, signal === undefined ? {} : { signal });
    const snapshot = await readRing(session, signal);
    const settled = settler.settle(snapshot, Date.now());
    if ('ring' in settled) return { ring: settled.ring, localHostId: snapshot.localHostId, inMotion: await new Gossip(session, Date.now).nodesInMotion(signal) };
    why = settled.waiting;
  }
  throw cantBelieve(why);
}

/** The rows were there and made no ring. */
export function cantBelieve(why: string): RetryableError {
  return new RetryableError('ring_incomplete', `the ring can't be read from the node: ${why}`, { fix: 'compare `nodetool status` with system.peers_v2 of this node; a row that a removed node left behind can be deleted there' });
}
