/** Several nodes in one ring, each on its own loopback address. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.js';
import { CassandraNode, startCassandra, type CassandraOptions } from './cassandra.js';

export interface RingOptions extends CassandraOptions {
  /** How many nodes to start with. */
  readonly nodes: number;
  /** Datacenter and rack of the node with this index; all in datacenter1, rack1 by default. */
  readonly placeOf?: (index: number) => { readonly datacenter: string; readonly rack: string };
}

/** A node answers clients before gossip has told the others of it. */
const GOSSIP_MS = 60_000;

export class CassandraRing {
  readonly nodes: CassandraNode[] = [];
  readonly #options: RingOptions;

  constructor(options: RingOptions) {
    this.#options = options;
  }

  get contactPoints(): string[] { return this.nodes.map((node) => node.contactPoint); }

  /** Starts one more node and waits until it has joined and every node knows of every other. `config.auto_bootstrap: true` streams its share to it. */
  async add(config: Readonly<Record<string, unknown>> = {}): Promise<CassandraNode> {
    const { placeOf, directory, ...options } = this.#options;
    const index = this.nodes.length;
    const node = await startCassandra({
      ...options,
      ...placeOf?.(index),
      ...(directory === undefined ? {} : { directory: join(directory, `node${index + 1}`) }),
      ...(index === 0 ? {} : { seeds: [this.nodes[0].address] }),
      config: { ...options.config, ...config },
    });
    this.nodes.push(node);
    await this.#acquainted();
    return node;
  }

  async #acquainted(): Promise<void> {
    const deadline = Date.now() + GOSSIP_MS;
    for (const node of this.nodes) {
      while (await knownTo(node) < this.nodes.length - 1) {
        if (Date.now() > deadline) throw new LabError(`${node.address} does not know all of the ring's ${this.nodes.length} nodes after ${GOSSIP_MS / 1000} s`, 'look into the logs of its nodes; a busy machine needs more time');
        await sleep(200);
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.remove()));
  }
}

/** Peers whose place and tokens this node could tell a client. */
async function knownTo(node: CassandraNode): Promise<number> {
  const { rows } = await (await node.client()).execute('SELECT data_center, tokens FROM system.peers_v2');
  return rows.filter((peer) => peer['data_center'] !== null && peer['tokens'] !== null).length;
}

/** Starts `nodes` empty nodes one after the other (an empty ring has nothing to stream: no bootstrap). */
export async function startRing(options: RingOptions): Promise<CassandraRing> {
  const ring = new CassandraRing({ heap: '768M', ...options });
  try {
    for (let i = 0; i < options.nodes; i++) await ring.add({ auto_bootstrap: false });
    return ring;
  } catch (error) {
    await ring.remove();
    throw error;
  }
}
