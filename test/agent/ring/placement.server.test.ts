/** Replica placement and tokens against Cassandra's own classes (test/oracle/java/RingPlacement.java). */
import { expect } from 'chai';
import { replicasOf } from '../../../agent/ring/placement.js';
import { parseReplication, type ReplicationOptions } from '../../../agent/ring/replication.js';
import { Ring, type RingNode } from '../../../agent/ring/ring.js';
import { formatToken, parseToken } from '../../../agent/ring/token-array.js';
import { tokenOf, type Token } from '../../../parsers/index.js';
import { Rng, runSeed } from '../../helpers/random.js';
import { CASSANDRA_VERSIONS, type CassandraVersion } from '../../lab/versions.js';
import { runJava } from '../../oracle/java.js';
import { randomFactor, randomNetworkOptions, randomNodes } from './random-ring.js';

const RINGS = Number(process.env['CDC_RINGS'] ?? 2000);
const KEYS = 100_000;
const seed = runSeed();

interface Case {
  readonly nodes: readonly RingNode[];
  readonly options: ReplicationOptions;
  readonly tokens: readonly string[];
}

function optionsFor(rng: Rng, nodes: readonly RingNode[]): ReplicationOptions[] {
  return [
    randomNetworkOptions(rng, nodes),
    // With and without the package, as keyspaces may be stored.
    { ...randomNetworkOptions(rng, nodes), class: 'NetworkTopologyStrategy' },
    { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: randomFactor(rng) },
    { class: 'org.apache.cassandra.locator.LocalStrategy' },
  ];
}

/** Ends of ranges, tokens beside them, any tokens, the smallest and the largest. */
function searchTokens(rng: Rng, nodes: readonly RingNode[]): string[] {
  const all = nodes.flatMap(({ tokens }) => tokens);
  const ends = Array.from({ length: 24 }, () => BigInt(rng.pick(all)));
  const beside = ends.slice(0, 8).flatMap((token) => [token - 1n, token + 1n]).filter((token) => BigInt.asIntN(64, token) === token);
  const any = Array.from({ length: 8 }, () => rng.int64());
  return [...ends, ...beside, ...any, -(2n ** 63n), 2n ** 63n - 1n].map(String);
}

function casesOf(rng: Rng, rings: number): Case[] {
  const cases: Case[] = [];
  for (let i = 0; i < rings; i++) {
    const nodes = randomNodes(rng.fork());
    const tokens = searchTokens(rng, nodes);
    cases.push(...optionsFor(rng, nodes).map((options) => ({ nodes, options, tokens })));
  }
  return cases;
}

function questionsOf({ nodes, options, tokens }: Case): string[] {
  const { class: className, ...rest } = options;
  return [
    ['ring', ...nodes.map((node) => `${node.datacenter}|${node.rack}|${node.tokens.join(',')}`)].join('\t'),
    ['replicas', className.split('.').at(-1), Object.entries(rest).map(([name, value]) => `${name}=${value}`).join(','), tokens.join(',')].join('\t'),
  ];
}

/** As the oracle writes it; the number of a node is its place in the list. */
function ours({ nodes, options, tokens }: Case): string {
  const ring = new Ring(nodes);
  const replication = parseReplication(options);
  const numbers = ring.nodes.map(({ hostId }) => nodes.findIndex((node) => node.hostId === hostId));
  return tokens.map((text) => {
    const { hi, lo } = parseToken(text) as Token;
    const replicas = replicasOf(ring, ring.tokens.firstNotBelow(hi, lo), { replication, localNode: ring.indexOf(nodes[0].hostId) });
    return ` ${replicas.map(({ node, isFull }) => `${numbers[node]}${isFull ? '' : '*'}`).join(',')}`;
  }).join('');
}

async function ask(version: CassandraVersion, questions: readonly string[]): Promise<string[]> {
  const output = await runJava({ version, main: 'RingPlacement', stdin: `${questions.join('\n')}\n`, heap: '512m', jvm: ['-ea'] });
  const lines = output.split('\n').slice(0, -1);
  if (lines.length !== questions.length) throw new Error(`${questions.length} questions, ${lines.length} answers`);
  return lines;
}

describe(`replicas as Cassandra places them (CDC_SEED=${seed})`, () => {
  for (const version of CASSANDRA_VERSIONS) {
    const rings = version === '5.0.6' ? RINGS : Math.min(RINGS, 300);
    it(`${version}: ${rings} random rings, four keyspaces each: the same replicas in the same order`, async () => {
      const cases = casesOf(new Rng(seed), rings);
      const answers = (await ask(version, cases.flatMap(questionsOf))).filter((_, i) => i % 2 === 1);
      const differences = cases.flatMap((one, i) => (ours(one) === answers[i] ? [] : [`${questionsOf(one).join('\n')}\nours     ${ours(one)}\nCassandra${answers[i]}`]));
      expect(differences.slice(0, 3).join('\n\n')).to.equal('');
      // Rings that exercise nothing would agree too.
      expect(answers.join('').split(',').length, 'ranges with several replicas').to.be.greaterThan(rings * 50);
      expect(answers.join('').split('*').length, 'transient replicas').to.be.greaterThan(rings * 10);
    });
  }

  it(`${KEYS} random keys have Cassandra's tokens`, async () => {
    const rng = new Rng(seed);
    const keys = Array.from({ length: KEYS }, () => rng.bytes(rng.chance(0.9) ? rng.between(0, 40) : rng.between(41, 400)));
    const chunks = Array.from({ length: KEYS / 1000 }, (_, i) => keys.slice(i * 1000, (i + 1) * 1000));
    const answers = await ask('5.0.6', chunks.map((chunk) => `token\t${chunk.map((key) => key.toString('hex')).join(',')}`));
    const target = { hi: 0, lo: 0 };
    const tokens = chunks.map((chunk) => chunk.map((key) => {
      const { hi, lo } = tokenOf(key, 0, key.length, target);
      return formatToken(hi, lo);
    }).join(','));
    expect(tokens.filter((one, i) => one !== answers[i]).length, 'chunks of a thousand keys that differ').to.equal(0);
  });
});
