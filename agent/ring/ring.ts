/**
 * The token ring at one moment: the nodes that own tokens, and their tokens in order. Mirrors
 * org.apache.cassandra.locator.TokenMetadata (sortedTokens, Topology): nodes that are still joining are not in it, nodes
 * that are down, leaving or moving are, with the tokens that they have.
 */
import type { Token } from '../../parsers/index.js';
import { compareTokens, parseToken, TokenArray } from './token-array.js';

export interface RingNode {
  readonly hostId: string;
  /** For people; a node that changes its address stays the same node. */
  readonly address: string;
  readonly datacenter: string;
  readonly rack: string;
  /** Signed 64-bit numbers, decimal. */
  readonly tokens: readonly string[];
}

export interface Datacenter {
  readonly name: string;
  nodeCount: number;
  rackCount: number;
}

/** The nodes make no ring: a token that is none, or one that two nodes claim. */
export class RingError extends Error {
  override readonly name = 'RingError';
}

export class Ring {
  /** By host id, so that an index means the same node in every ring of these nodes. */
  readonly nodes: readonly RingNode[];
  readonly tokens: TokenArray;
  /** By index of the token: index of its node. */
  readonly nodeOfToken: Int32Array;
  readonly datacenters: readonly Datacenter[];
  /** By index of the node: index of its datacenter, and number of its (datacenter, rack). */
  readonly datacenterOfNode: Int32Array;
  readonly rackOfNode: Int32Array;
  readonly rackCount: number;
  /** Equal for equal rings. */
  readonly key: string;

  /** Throws RingError. */
  constructor(nodes: readonly RingNode[]) {
    this.nodes = [...nodes].sort((a, b) => (a.hostId < b.hostId ? -1 : 1));
    const sorted = this.nodes.flatMap((node, index) => node.tokens.map((text) => ({ token: tokenOfNode(node, text), index })));
    sorted.sort((a, b) => compareTokens(a.token, b.token));
    for (let i = 1; i < sorted.length; i++) {
      if (compareTokens(sorted[i - 1].token, sorted[i].token) === 0) throw new RingError(`${this.nodes[sorted[i - 1].index].address} and ${this.nodes[sorted[i].index].address} both claim a token`);
    }
    this.tokens = new TokenArray(sorted.map(({ token }) => token));
    this.nodeOfToken = Int32Array.from(sorted, ({ index }) => index);
    const places = placesOf(this.nodes);
    this.datacenters = places.datacenters;
    this.datacenterOfNode = places.datacenterOfNode;
    this.rackOfNode = places.rackOfNode;
    this.rackCount = places.rackCount;
    this.key = JSON.stringify(this.nodes.map(({ hostId, datacenter, rack, tokens }) => [hostId, datacenter, rack, [...tokens].sort()]));
  }

  /** -1 when there is no such node. */
  indexOf(hostId: string): number {
    return this.nodes.findIndex((node) => node.hostId === hostId);
  }

  /** -1 when no node is in it. */
  datacenterIndex(name: string): number {
    return this.datacenters.findIndex((datacenter) => datacenter.name === name);
  }
}

function tokenOfNode({ address }: RingNode, text: string): Token {
  const token = parseToken(text);
  if (token === null) throw new RingError(`${address} has a token that is no 64-bit number: ${text}`);
  return token;
}

function placesOf(nodes: readonly RingNode[]): { datacenters: Datacenter[]; datacenterOfNode: Int32Array; rackOfNode: Int32Array; rackCount: number } {
  const datacenters: Datacenter[] = [];
  const racks = new Map<string, number>();
  const datacenterOfNode = new Int32Array(nodes.length);
  const rackOfNode = new Int32Array(nodes.length);
  nodes.forEach(({ datacenter, rack }, node) => {
    let index = datacenters.findIndex(({ name }) => name === datacenter);
    if (index < 0) index = datacenters.push({ name: datacenter, nodeCount: 0, rackCount: 0 }) - 1;
    // Two racks of one name in two datacenters are two racks.
    const location = JSON.stringify([datacenter, rack]);
    let number = racks.get(location);
    if (number === undefined) {
      racks.set(location, (number = racks.size));
      datacenters[index].rackCount++;
    }
    datacenters[index].nodeCount++;
    datacenterOfNode[node] = index;
    rackOfNode[node] = number;
  });
  return { datacenters, datacenterOfNode, rackOfNode, rackCount: racks.size };
}
