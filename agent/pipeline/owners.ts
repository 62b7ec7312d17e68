/** Which copies are published, for the live log. */
import type { Owners } from './live-log.js';

/** `ownership.mode: all`, and a keyspace that lies on one node. */
export const everyCopyOwners: Owners = {
  at: () => ({ decide: () => 'publish', dropReason: 'not_owned' }),
  held: () => undefined,
};
