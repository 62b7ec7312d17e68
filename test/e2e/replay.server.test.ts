/** The position moved by hand, on a real node and a real Kafka: the commands that the agent's errors name, word for word. */
import { expect } from 'chai';
import kafkajs, { type Admin } from 'kafkajs';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JudgeConsumer } from '../faults/judge.js';
import { runCli, type CliRun } from '../helpers/run-cli.js';
import { startCassandra, startKafka, type CassandraNode, type KafkaBroker } from '../lab/index.js';
import { AgentProcess } from './agent-process.js';
import { CLEAN, judge } from './verdict.js';
import { WRITER_COLUMNS, Writer } from './writer.js';

interface Shown {
  readonly changed: boolean;
  readonly transactional_id: string;
  readonly kafka: { readonly position: string; readonly events: number } | null;
  readonly checkpoint: string | null;
  readonly running: { readonly pid: number | null } | null;
  readonly segments: Readonly<Record<string, unknown>>;
  readonly position: string;
  readonly again: { readonly segments: number; readonly bytes: number };
  readonly given_up: { readonly segments: number; readonly bytes: number };
  readonly gone: readonly string[];
  readonly command: string;
}

describe('replay on a real node', function () {
  this.timeout(900_000);
  let node: CassandraNode;
  let kafka: KafkaBroker;
  let consumer: JudgeConsumer;
  let admin: Admin;
  let tables = 0;
  const agents: AgentProcess[] = [];

  before(async () => {
    [node, kafka] = await Promise.all([startCassandra({ version: '5.0.6', segmentSizeMiB: 1 }), startKafka()]);
    consumer = await JudgeConsumer.start(kafka.brokers);
    admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
    await admin.connect();
    await (await node.client()).execute("CREATE KEYSPACE r WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.remove();
  });
  after(async () => {
    await admin?.disconnect();
    await consumer?.stop();
    await node?.remove();
    await kafka?.remove();
  });

  interface World {
    readonly agent: AgentProcess;
    readonly topic: string;
    readonly table: string;
    readonly writer: () => Promise<Writer>;
  }

  async function world(): Promise<World> {
    const table = `r.t${++tables}`;
    const client = await node.client();
    await client.execute(`CREATE TABLE ${table} ${WRITER_COLUMNS} WITH cdc = true`);
    const agent = new AgentProcess({ node, brokers: kafka.brokers, config: { events: { prefix: `r${tables}`, topic: `r${tables}.{keyspace}.{table}` }, tables: { include: [table] } } });
    agents.push(agent);
    return { agent, table, topic: `r${tables}.${table}`, writer: async () => new Writer({ client: await node.client(), table, rate: 0 }) };
  }

  async function written({ writer }: World, count: number): Promise<Writer> {
    const one = await writer();
    one.start(count);
    await one.finish();
    return one;
  }

  async function published({ agent, topic }: World, count: number): Promise<void> {
    await agent.until(async () => (await consumer.read(topic).catch(() => [])).length >= count, `${count} events in ${topic}`);
    await sleep(300);
  }

  const replay = (agent: AgentProcess, ...args: string[]): Promise<CliRun> => runCli(['replay', '--config', agent.configFile, ...args]);

  async function shown(agent: AgentProcess, ...args: string[]): Promise<Shown> {
    const run = await replay(agent, ...args, '--json');
    expect(run, run.stderr).to.include({ code: 0, stderr: '' });
    return JSON.parse(run.stdout) as Shown;
  }

  /** As a person copies it from a screen. */
  async function word(command: string | undefined): Promise<CliRun> {
    expect(command, 'no command').to.match(/^cassandra-cdc-agent replay /);
    return runCli((command ?? '').split(' ').slice(1));
  }

  /** An agent that can't start: what its last line tells to do. */
  async function fixOf(agent: AgentProcess): Promise<{ readonly code: number | null; readonly commands: readonly string[] }> {
    agent.log = '';
    agent.start();
    const code = await agent.ended();
    const [, fix] = /agent failed.* fix="((?:[^"\\]|\\.)*)"/.exec(agent.log) ?? [];
    return { code, commands: [...(fix ?? agent.log).matchAll(/cassandra-cdc-agent replay --config \S+ --from [\w:]+/g)].map(([command]) => command) };
  }

  /** Dry run and deed, each as the output before it says. */
  async function followed(command: string | undefined): Promise<string> {
    const dry = await word(command);
    expect(dry, dry.stderr).to.include({ code: 0, stderr: '' });
    expect(dry.stdout).to.match(/\nnothing was changed; to do it run\n/);
    const done = await word(dry.stdout.trimEnd().split('\n').at(-1)?.trim());
    expect(done, done.stderr).to.include({ code: 0, stderr: '' });
    expect(done.stdout).to.match(/\nmoved: Kafka and the checkpoint say \d+:\d+; the agent may be started\n$/);
    return dry.stdout;
  }

  async function positionInKafka({ transactional_id: groupId }: Shown): Promise<{ readonly position: string; readonly events: number; readonly metadata: Record<string, unknown> }> {
    const [{ partitions: [{ offset, metadata }] }] = await admin.fetchOffsets({ groupId, topics: [`r${tables}.position`] });
    const fields = JSON.parse(metadata ?? '') as Record<string, unknown>;
    return { position: `${fields['segment'] as number}:${fields['position'] as number}`, events: Number(offset), metadata: fields };
  }

  it('shows, refuses while the agent runs, moves when it is stopped; everything behind the place comes again, with the same ids', async () => {
    const one = await world();
    const { agent, topic } = one;
    await agent.startAndWait();
    const before = (await shown(agent, '--from', 'end')).position;
    await written(one, 400);
    await published(one, 400);

    const whileRunning = await shown(agent, '--from', before);
    expect([whileRunning.changed, whileRunning.running?.pid, whileRunning.position]).to.deep.equal([false, agent.pid, before]);
    expect(whileRunning.again.segments).to.be.greaterThan(0);
    expect(whileRunning.kafka?.events).to.equal(400);
    const refused = await replay(agent, '--from', before, '--yes');
    expect(refused.code).to.equal(78);
    expect(refused.stderr).to.match(new RegExp(`^error: another agent \\(process ${agent.pid}\\) runs with the state directory \\S+\nfix: {3}stop it first`));
    await written(one, 20);
    await published(one, 420);
    expect(agent.log, 'the running agent was not disturbed').to.not.match(/level=(?:warn|error)/);

    expect(await agent.stop()).to.equal(0);
    const dry = await shown(agent, '--from', before);
    expect(dry.running).to.equal(null);
    expect(await positionInKafka(dry)).to.include({ position: dry.kafka?.position, events: 420 });
    expect(dry.checkpoint).to.equal(dry.kafka?.position);
    const text = (await replay(agent, '--from', before)).stdout;
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(line.includes(agent.configFile) || line.includes('transactional id') ? 400 : 80);

    const done = await shown(agent, '--from', before, '--yes');
    expect([done.changed, done.position]).to.deep.equal([true, before]);
    const { metadata, ...moved } = await positionInKafka(done);
    expect(moved).to.deep.equal({ position: before, events: 420 });
    expect(metadata).to.not.have.property('low');
    expect(JSON.parse(readFileSync(join(agent.directory, 'state/checkpoint.json'), 'utf8'))).to.include({ events: 420, segment: Number(before.split(':')[0]), position: Number(before.split(':')[1]) });

    await agent.startAndWait();
    await published(one, 840);
    const records = await consumer.read(topic);
    expect(records).to.have.length(840);
    const idOf = ({ headers }: (typeof records)[number]): string => headers.find(([name]) => name === 'cdc.id')?.[1]?.toString() ?? '';
    for (const partition of new Set(records.map((record) => record.partition))) {
      const ids = records.filter((record) => record.partition === partition).map(idOf);
      expect(ids.slice(ids.length / 2), `partition ${partition}`).to.deep.equal(ids.slice(0, ids.length / 2));
    }
    expect((await shown(agent, '--from', 'end')).kafka?.events).to.equal(840);
  });

  it('Kafka lost the position: the agent says which command, and after it goes on without a loss or a repeat', async () => {
    const one = await world();
    const { agent, topic } = one;
    await agent.startAndWait();
    const first = await written(one, 100);
    await published(one, 100);
    expect(await agent.stop()).to.equal(0);
    const { transactional_id: groupId, kafka: before } = await shown(agent, '--from', 'end');
    await admin.deleteGroups([groupId]);
    const second = await written(one, 50);
    const { code, commands } = await fixOf(agent);
    expect([code, commands.length], agent.log).to.deep.equal([78, 1]);
    const text = await followed(commands[0]);
    expect(text).to.match(/^position in Kafka {2}none$/m);
    await agent.startAndWait();
    await published(one, 150);
    expect(judge([...first.changes, ...second.changes], await consumer.read(topic))).to.include({ ...CLEAN, events: 150 });
    expect((await shown(agent, '--from', 'kafka')).kafka?.events, 'the count goes on').to.equal((before?.events ?? 0) + 50);
  });

  it('a damaged checkpoint: the agent says which command, and after it goes on where Kafka says', async () => {
    const one = await world();
    const { agent, topic } = one;
    await agent.startAndWait();
    const { changes } = await written(one, 100);
    await published(one, 100);
    expect(await agent.stop()).to.equal(0);
    writeFileSync(join(agent.directory, 'state/checkpoint.json'), '{"version":1}\n');
    const { code, commands } = await fixOf(agent);
    expect([code, commands.length], agent.log).to.deep.equal([78, 2]);
    expect(await followed(commands[0])).to.match(/^checkpoint {9}damaged: its checksum does not match$/m).and.to.match(/^comes again {8}nothing$/m);
    await agent.startAndWait();
    const more = await written(one, 10);
    await published(one, 110);
    expect(judge([...changes, ...more.changes], await consumer.read(topic))).to.include({ ...CLEAN, events: 110 });
    // And the other choice.
    expect(await agent.stop()).to.equal(0);
    expect(await followed(commands[1])).to.match(/^comes again {8}\S+ in \d+ segments?, published before$/m);
  });

  it('the end: what is there is given up and deleted, what comes later is published', async () => {
    const one = await world();
    const { agent, topic } = one;
    await agent.startAndWait();
    await written(one, 10);
    await published(one, 10);
    expect(await agent.stop()).to.equal(0);
    // Some segments full.
    await written(one, 12_000);
    await sleep(500);
    const dry = await shown(agent, '--from', 'end');
    expect(dry.given_up.segments).to.be.greaterThan(1);
    expect(dry.given_up.bytes).to.be.greaterThan(12_000 * 120);
    await shown(agent, '--from', 'end', '--yes');
    await agent.startAndWait();
    const { changes } = await written(one, 25);
    await published(one, 35);
    const records = await consumer.read(topic);
    expect(records).to.have.length(35);
    const since = Math.min(...changes.map(({ timestamp }) => timestamp));
    const later = records.filter(({ value }) => (JSON.parse((value as Buffer).toString()) as { ts_us: number }).ts_us >= since);
    expect(judge(changes, later)).to.include({ ...CLEAN, events: 25 });
    await agent.until(async () => ((await agent.status())?.segments.read ?? 1) === 0, 'given up segments are deleted');
  });

  it('segments that are gone: the dry run names them, and a gap event comes for each', async () => {
    const one = await world();
    const { agent } = one;
    await agent.startAndWait();
    const before = (await shown(agent, '--from', 'end')).position;
    await written(one, 12_000);
    await published(one, 12_000);
    expect(await agent.stop()).to.equal(0);
    // Read, and kept for the window of repeats.
    const spool = join(agent.directory, 'state/spool');
    for (const name of readdirSync(spool)) rmSync(join(spool, name));
    const { gone } = await shown(agent, '--from', before, '--yes');
    expect(gone.length).to.be.greaterThan(1);
    await agent.startAndWait();
    const gaps = (await consumer.read(`r${tables}.control`)).map(({ value }) => JSON.parse((value as Buffer).toString()) as { type: string; from: { segment: string }; certain: boolean });
    expect(gaps.map(({ type, from }) => `${type} ${from.segment}`)).to.deep.equal(gone.map((id) => `gap ${id}`));
  });

  it('says what is wrong with a place, and with Kafka or the node away', async () => {
    const { agent } = await world();
    const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['--from', 'beginning'], 64, /^error: --from beginning is no position\nfix: {3}write SEGMENT:POSITION/],
      [['--from', '9999999999999:0'], 64, /^error: there is no segment 9999999999999 yet: the newest is \d+\nfix: /],
      [['--from', 'kafka'], 78, /^error: Kafka has no position of this agent\nfix: /],
      [['--from', 'checkpoint'], 78, /^error: there is no checkpoint that can be read\nfix: /],
    ];
    agent.start();
    await agent.until(async () => (await agent.status()) !== null, 'the state directory is made');
    await agent.end('SIGKILL');
    for (const [args, code, says] of cases) {
      const run = await replay(agent, ...args);
      expect([run.code, run.stdout], `${args.join(' ')}: ${run.stderr}`).to.deep.equal([code, '']);
      expect(run.stderr).to.match(says);
    }
    agent.configure({ node, brokers: ['127.0.0.1:1'] });
    const away = await replay(agent, '--from', 'start');
    expect([away.code, away.stdout]).to.deep.equal([69, '']);
    expect(away.stderr).to.match(/^error: Kafka does not answer: .*\nfix: {3}check the brokers/);
  });
});
