/** A ring that changes while it is written to, an agent beside each node: nothing lost; what comes again comes around the change. */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CassandraNode } from '../lab/index.js';
import { outlived, tallyRing, type RingVerdict, type Sighting } from './ring-verdict.js';
import { RingWorld } from './ring-world.js';
import type { RingChange } from './ring-writer.js';

/** Statements per second. */
const RATE = Number(process.env['CDC_RING_RATE'] ?? 200);
/** So long behind the end of a change of the ring something may come again. */
const AROUND_MS = 15_000;
/** Longer than coordinators wait for an answer (2 s), shorter than until others take a node for dead. */
const STALL_MS = 5000;
/** Until each node knows what the others do: with less than gossip takes, Cassandra itself loses copies. */
const RING_DELAY = '-Dcassandra.ring_delay_ms=6000';

/** Ms since 1970. */
interface Span {
  readonly from: number;
  readonly to: number;
}

describe('a ring that changes', function () {
  this.timeout(1_200_000);
  let world: RingWorld;

  before(async () => {
    world = await RingWorld.start({ nodes: 3, heap: '512M', startTimeoutMs: 400_000, jvm: [RING_DELAY] });
    const client = await world.client();
    await client.execute("CREATE KEYSPACE e2e WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}");
    await client.execute("CREATE KEYSPACE grows WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 2}");
  });
  afterEach(() => world.removeAgents());
  after(() => world?.remove());

  it('replication that grows from 2 to 3, and a repair, under load: nothing lost, only rows that the repair streams come again', async () => {
    const table = await world.table({ keyspace: 'grows' });
    const writer = await world.writer(table, { rate: RATE });
    writer.start();
    await sleep(5000);
    const change = await during(async () => {
      await (await world.client()).execute("ALTER KEYSPACE grows WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 3}");
      await sleep(3000);
      // Each node is a replica of everything: one of them repairs all.
      expect(await world.ring.nodes[0].nodetool('repair', '-full', 'grows')).to.match(/Repair completed successfully/i);
    });
    await sleep(3000);
    await writer.stop();
    const found = await world.verdict(writer, table);
    tell(`${writer.acked.length} changes`, found, [change]);
    expect(tallyRing(found), world.said()).to.include({ lost: 0, altered: 0, invented: 0 });
    expect(outside([...found.repeated, ...found.merged, ...found.disordered], [change])).to.deep.equal([]);
  });

  it('a node that joins and leaves again, under load: nothing lost, also of what comes to another node by hints later, and only changes of around that time come again', async () => {
    const table = await world.table();
    const writer = await world.writer(table, { rate: RATE });
    const [first, stalled, third] = world.ring.nodes;
    writer.start();
    await sleep(5000);
    const stall = await during(async () => {
      // A part of what it misses will be the fourth node's by the time that it comes. Two more JVMs beside three
      // nodes slow these down until replicas drop writes as too old: that becomes hints as well.
      await Promise.all([first, third].map((node) => node.nodetool('pausehandoff')));
      stalled.pause();
      await sleep(STALL_MS);
      stalled.resume();
    });
    let fourth!: CassandraNode;
    const join = await during(async () => {
      fourth = await world.ring.add({ auto_bootstrap: true });
      await world.agent(fourth, table);
      // The owners of before go on for ten seconds.
      await sleep(12_000);
      expect([first, third].flatMap(hintsOf).length, 'hints for the one that stood still').to.be.greaterThan(0);
      await Promise.all([first, third].map((node) => node.nodetool('resumehandoff')));
      await Promise.all([first, third].map(hintsAreGone));
    });
    await sleep(10_000);
    const leave = await during(() => world.ring.decommission(fourth));
    await sleep(AROUND_MS + 5000);
    await writer.stop();
    const found = await world.verdict(writer, table);
    tell(`${writer.acked.length} changes, ${writer.failed} unanswered`, found, [join, leave]);
    await fourth.kill9();
    expect(tallyRing(found), `${losses(found, writer.changes, [join, leave])}\n${world.said()}`).to.include({ lost: 0, altered: 0, invented: 0 });
    // Whoever missed these, and whoever they were streamed to from there, may also get them by read repair, at any time, several as one.
    const missed = new Set(writer.changes.filter(({ issuedAt, ackedAt = Infinity }) => issuedAt <= stall.to && ackedAt >= stall.from));
    const missedRows = new Set([...missed].map(({ k, c }) => `${k} ${c}`));
    expect(found.merged.filter(({ k, c }) => !missedRows.has(`${k} ${c}`)).slice(0, 9)).to.deep.equal([]);
    const repeated = found.repeated.filter(({ change }) => !missed.has(change));
    expect(outside([...repeated, ...found.disordered], [join, leave])).to.deep.equal([]);
    expect(repeated.filter(({ change: { ackedAt = Infinity } }) => ackedAt < join.from).slice(0, 9), 'history that was streamed').to.deep.equal([]);
  });

  it('a dead node that is replaced, under load: what the others own is not lost, and of what it owned each row as it was left', async () => {
    const table = await world.table();
    const writer = await world.writer(table, { rate: RATE });
    const [, , third] = world.ring.nodes;
    const ofThird = await world.ownedBy(third, writer.partitions);
    writer.start();
    await sleep(5000);
    const change = await during(async () => {
      await world.agents[2].end('SIGKILL');
      await third.kill9();
      await world.agent(await world.ring.replace(third), table);
    });
    await sleep(5000);
    await writer.stop();
    const found = await world.verdict(writer, table, { withOutlived: true });
    const missed = outlived(found, writer.changes);
    tell(`${writer.acked.length} changes, ${writer.failed} unanswered, ${missed.length} overwritten before they could be published`, found, [change]);
    expect(tallyRing(found), `${losses(found, writer.changes, [change])}\n${world.said()}`).to.include({ lost: missed.length, altered: 0, invented: 0 });
    expect(missed.filter(({ k }) => !ofThird.has(k)).slice(0, 9), 'owned by those that live').to.deep.equal([]);
    expect(missed.filter(({ ackedAt = 0 }) => ackedAt < change.from - 5000 || ackedAt > change.to + 10_000).slice(0, 9), 'from before or after').to.deep.equal([]);
    expect(outside([...found.repeated, ...found.merged, ...found.disordered], [change])).to.deep.equal([]);
  });

  it('a node that leaves while Kafka is away: its agent publishes the rest of its log by the last ring that it could read', async () => {
    const client = await world.client();
    for (const keyspace of ['e2e', 'grows']) await client.execute(`ALTER KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 2}`);
    const table = await world.table();
    const writer = await world.writer(table, { rate: RATE });
    const [, leaving] = world.ring.nodes;
    const [, agent] = world.agents;
    writer.start();
    await sleep(3000);
    world.kafka.pause();
    await sleep(3000);
    const leave = await during(() => world.ring.decommission(leaving));
    // What is read from now on was, for all that is known, written after the ring was read for the last time.
    await sleep(10_000);
    world.kafka.resume();
    await sleep(5000);
    await writer.stop();
    const found = await world.verdict(writer, table);
    tell(`${writer.acked.length} changes, ${writer.failed} unanswered`, found, [leave]);
    await agent.until(async () => (await agent.status())?.lag.bytes === 0, 'all of its log is published', 30_000);
    expect(agent.log).to.include('node left the ring');
    await leaving.kill9();
    expect(tallyRing(found), `${losses(found, writer.changes, [leave])}\n${world.said()}`).to.include({ lost: 0, altered: 0, invented: 0, merged: 0 });
    expect(outside([...found.repeated, ...found.disordered], [{ from: leave.from, to: Date.now() }])).to.deep.equal([]);
  });
});

/** Files of hints that wait. While their dispatch is paused, nodetool lists none that are still written to. */
function hintsOf({ directory }: CassandraNode): string[] {
  return readdirSync(join(directory, 'hints')).filter((name) => name.endsWith('.hints'));
}

async function hintsAreGone(node: CassandraNode): Promise<void> {
  for (const until = Date.now() + 60_000; hintsOf(node).length > 0; await sleep(500)) {
    if (Date.now() > until) throw new Error(`hints are left on ${node.address}`);
  }
}

async function during(change: () => Promise<void>): Promise<Span> {
  const from = Date.now();
  await change();
  return { from, to: Date.now() };
}

/** Some of those that came at another time. */
function outside(sightings: readonly Sighting[], spans: readonly Span[]): Sighting[] {
  return sightings.filter(({ readAt }) => !spans.some(({ from, to }) => readAt >= from && readAt <= to + AROUND_MS)).slice(0, 9);
}

function tell(what: string, found: RingVerdict, spans: readonly Span[]): void {
  const [first] = spans;
  const old = found.repeated.filter(({ change: { ackedAt = Infinity } }) => ackedAt < first.from).length;
  const last = Math.max(...[...found.repeated, ...found.merged].map(({ readAt }) => readAt - Math.max(...spans.map(({ to }) => to))));
  const times = spans.map(({ from, to }) => `${((to - from) / 1000).toFixed(0)} s`).join(' and ');
  console.log(`      ${what}, changing for ${times}: ${JSON.stringify(tallyRing(found))}`);
  console.log(`      again ${found.repeated.length}: ${old} from before the change, ${found.repeated.filter(({ isLate }) => isLate).length} marked as late; last ${(last / 1000).toFixed(1)} s behind its end; by host ${JSON.stringify(counts(found.repeated.map(({ host }) => host.slice(0, 8))))}, merged ${JSON.stringify(counts(found.merged.map(({ host, isLate }) => `${host.slice(0, 8)}${isLate ? ' late' : ''}`)))}`);
}

function counts(names: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const name of names) found[name] = (found[name] ?? 0) + 1;
  return found;
}

/** When the lost ones were written, for a failure: seconds since the start of the last change of the ring that had begun. */
function losses(found: RingVerdict, changes: readonly RingChange[], spans: readonly Span[]): string {
  const missed = new Set(outlived(found, changes));
  const times = found.lost.filter((change) => !missed.has(change)).map(({ k, c, op, isLwt, ackedAt = 0 }) => {
    const index = spans.findLastIndex(({ from }) => from <= ackedAt);
    const since = index < 0 ? 'before' : `${index}: ${((ackedAt - spans[index].from) / 1000).toFixed(2)} of ${((spans[index].to - spans[index].from) / 1000).toFixed(2)} s`;
    return `${op}${isLwt ? ' lwt' : ''} ${k} ${c} ${since}`;
  });
  return `lost ${times.length}: ${times.slice(0, 60).join(', ')}`;
}
