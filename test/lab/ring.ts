/** Several nodes in one ring, each on its own loopback address. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import { LabError } from './errors.js';
import { CassandraNode, startCassandra, type CassandraOptions } from './cassandra.js';

export interface RingOptions extends CassandraOptions {
  /** How many nodes to start with. */
  readonly nodes: number;
  /** Datacenter and rack of the node with this index; all in datacenter1, rack1 by default. */
  readonly placeOf?: (index: number) => { readonly datacenter: string; readonly rack: string };
}

/** A node answers clients before gossip has told the others of it. */
const GOSSIP_MS = 120_000;

export class CassandraRing {
  /** Those that are in it. */
  readonly nodes: CassandraNode[] = [];
  /** Those that left it, or were replaced. */
  readonly #gone: CassandraNode[] = [];
  #started = 0;
  readonly #options: RingOptions;

  constructor(options: RingOptions) {
    this.#options = options;
  }

  get contactPoints(): string[] { return this.nodes.map((node) => node.contactPoint); }

  /** Starts one more node and waits until it has joined and every node knows of every other. `config.auto_bootstrap: true` streams its share to it. */
  async add(config: Readonly<Record<string, unknown>> = {}): Promise<CassandraNode> {
    return this.#start(this.nodes.length, config);
  }

  /** The node gives its share to the others and leaves. It answers no client any more; its process and its files stay. */
  async decommission(node: CassandraNode): Promise<void> {
    // The system's own keyspaces have three replicas, however few nodes there are.
    await node.nodetool('decommission', '--force');
    this.#take(node);
    await this.#acquainted();
  }

  /** Starts a new node, with an address and a host id of its own, in the place of a dead one: what that owned is streamed to it from the others. */
  async replace(dead: CassandraNode): Promise<CassandraNode> {
    if (dead.pid !== undefined) throw new LabError(`the node at ${dead.address} runs`, 'stop or kill it first');
    // It waits for one interval, to see that the dead one is silent: a minute by default.
    return this.#start(this.#take(dead), { auto_bootstrap: true }, [`-Dcassandra.replace_address_first_boot=${dead.address}`, '-Dcassandra.broadcast_interval_ms=10000']);
  }

  async #start(index: number, config: Readonly<Record<string, unknown>>, jvm: readonly string[] = []): Promise<CassandraNode> {
    const { placeOf, directory, ...options } = this.#options;
    const node = await startCassandra({
      ...options,
      ...placeOf?.(index),
      ...(directory === undefined ? {} : { directory: join(directory, `node${++this.#started}`) }),
      ...(this.nodes.length === 0 ? {} : { seeds: [this.nodes[0].address] }),
      jvm: [...(options.jvm ?? []), ...jvm],
      config: { ...options.config, ...config },
    });
    this.nodes.splice(index, 0, node);
    await this.#acquainted();
    return node;
  }

  /** Out of the list; returns the index that it had. */
  #take(node: CassandraNode): number {
    const index = this.nodes.indexOf(node);
    if (index < 0) throw new LabError(`the node at ${node.address} is none of the ring`, 'give one of ring.nodes');
    this.nodes.splice(index, 1);
    this.#gone.push(node);
    return index;
  }

  /** Until each node shows clients all others, and nobody else. */
  async #acquainted(): Promise<void> {
    const deadline = Date.now() + GOSSIP_MS;
    for (const node of this.nodes) {
      const others = this.nodes.filter((other) => other !== node).map(({ address }) => address).sort().join();
      const client = await node.client();
      while ((await peersOf(client)).sort().join() !== others) {
        if (Date.now() > deadline) throw new LabError(`${node.address} does not know the ring's ${this.nodes.length} nodes after ${GOSSIP_MS / 1000} s`, 'look into the logs of its nodes; a busy machine needs more time');
        await sleep(200);
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes, ...this.#gone].map((node) => node.stop()));
  }

  async remove(): Promise<void> {
    await Promise.all([...this.nodes, ...this.#gone].map((node) => node.remove()));
  }
}

/** Peers whose place and tokens this node could tell a client. */
async function peersOf(client: Client): Promise<string[]> {
  const { rows } = await client.execute('SELECT peer, data_center, tokens FROM system.peers_v2');
  return rows.filter((peer) => peer['data_center'] !== null && peer['tokens'] !== null).map((peer) => String(peer['peer']));
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
