/** cdc_raw is hostile input: what does not belong there is refused, said once and counted, and the agent goes on publishing. */
import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JudgeConsumer } from '../faults/judge.js';
import { startCassandra, startKafka, type CassandraNode, type KafkaBroker } from '../lab/index.js';
import { AgentProcess } from './agent-process.js';
import { CLEAN, judge } from './verdict.js';
import { WRITER_COLUMNS, Writer } from './writer.js';

const HEADER_BYTES = 4096;
/** As far as a file system lets a sparse file go. */
const HUGE = 2 ** 40;

interface Planted {
  readonly name: string;
  readonly reason: string;
  readonly plant: (path: string) => void;
}

describe('hostile files in the cdc_raw of a running agent', function () {
  this.timeout(180_000);
  let node: CassandraNode;
  let kafka: KafkaBroker;
  let consumer: JudgeConsumer;
  let agent: AgentProcess;
  let writer: Writer;
  let files: Planted[];

  before(async () => {
    [node, kafka] = await Promise.all([startCassandra({ version: '5.0.6' }), startKafka()]);
    consumer = await JudgeConsumer.start(kafka.brokers);
    const client = await node.client();
    await client.execute("CREATE KEYSPACE raw WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute(`CREATE TABLE raw.t ${WRITER_COLUMNS} WITH cdc = true`);
    agent = new AgentProcess({ node, brokers: kafka.brokers });
    writer = new Writer({ client, table: 'raw.t', rate: 200 });
  });
  after(async () => {
    await agent?.remove();
    await consumer?.stop();
    await node?.remove();
    await kafka?.remove();
  });

  /** Ids that Cassandra won't reach, and the bytes of a segment that it wrote. */
  function planted(): Planted[] {
    const live = readdirSync(node.cdcRawDir).filter((name) => name.endsWith('.log')).sort().at(-1) ?? '';
    const [, version, id] = /^CommitLog-(\d+)-(\d+)\.log$/.exec(live) ?? [];
    const header = readFileSync(join(node.cdcRawDir, live)).subarray(0, HEADER_BYTES);
    const next = (n: number): string => `CommitLog-${version}-${Number(id) + 1_000_000 + n}.log`;
    const secret = join(agent.directory, 'elsewhere');
    writeFileSync(secret, header);
    return [
      { name: next(1), reason: 'symbolic_link', plant: (path) => symlinkSync(secret, path) },
      { name: next(2), reason: 'symbolic_link', plant: (path) => symlinkSync('/nowhere/at/all', path) },
      { name: next(3), reason: 'not_a_regular_file', plant: (path) => void execFileSync('mkfifo', [path]) },
      { name: next(4), reason: 'not_a_regular_file', plant: (path) => mkdirSync(path) },
      { name: next(5), reason: 'too_large', plant: (path) => { writeFileSync(path, header); truncateSync(path, HUGE); } },
      { name: next(6), reason: 'header_differs_from_name', plant: (path) => writeFileSync(path, header) },
      { name: 'notes.txt', reason: 'not_a_segment_name', plant: (path) => writeFileSync(path, 'x') },
      { name: `${next(7)}.bak`, reason: 'not_a_segment_name', plant: (path) => writeFileSync(path, header) },
      // Of a line of our log.
      { name: 'x\nlevel=error event="agent failed"', reason: 'not_a_segment_name', plant: (path) => writeFileSync(path, 'x') },
    ];
  }

  it('are refused, said once each and counted, while every change is published; they are never touched', async () => {
    await agent.startAndWait();
    writer.start();
    await sleep(1000);
    files = planted();
    const unread = (await agent.status())?.segments.refused;
    for (const { name, plant } of files) plant(join(node.cdcRawDir, name));
    await agent.until(async () => (await agent.status())?.segments.refused === files.length, 'all are refused');
    const published = (await agent.status())?.events.published ?? 0;
    // Looked at again and again.
    await sleep(2000);
    await writer.stop();
    await agent.until(async () => judge(writer.changes, await consumer.read('cdc.raw.t')).lost === 0, 'everything is published');
    expect(judge(writer.changes, await consumer.read('cdc.raw.t')), agent.log).to.include(CLEAN);
    const status = await agent.status();
    expect([unread, status?.segments.refused, status?.state, status?.gaps.count, status?.last_error]).to.deep.equal([0, files.length, 'tailing', 0, null]);
    expect(status?.events.published).to.be.greaterThan(published + 200);
    const refusals = agent.log.split('\n').filter((line) => line.includes(' file refused '));
    expect(refusals, agent.log).to.have.lengthOf(files.length);
    for (const { name, reason } of files) {
      const about = refusals.filter((line) => line.includes(name.replace('\n', '\\n').replaceAll('"', '\\"')));
      expect(about.map((line) => /reason=(\w+)/.exec(line)?.[1]), name).to.deep.equal([reason]);
    }
    expect(agent.log).to.not.match(/^\S+ error /m);
    const metrics = await (await fetch(`http://${node.address}:9300/metrics`)).text();
    for (const reason of new Set(files.map((file) => file.reason))) expect(metrics).to.match(new RegExp(`^cassandra_cdc_errors_total\\{stage="source",code="${reason}"\\} ${files.filter((file) => file.reason === reason).length}$`, 'm'));
    for (const { name } of files) expect(lstatSync(join(node.cdcRawDir, name), { throwIfNoEntry: false }), name).to.not.equal(undefined);
    expect(existsSync(join(agent.directory, 'elsewhere'))).to.equal(true);
  });

  it('are refused by an agent that starts among them, which goes on where it stopped', async () => {
    expect(await agent.stop(), agent.log).to.equal(0);
    const client = await node.client();
    const more = new Writer({ client, table: 'raw.t', rate: 200 });
    more.start(200);
    await more.finish();
    const before = agent.log.length;
    await agent.startAndWait();
    const changes = [...writer.changes, ...more.changes];
    await agent.until(async () => judge(changes, await consumer.read('cdc.raw.t')).lost === 0, 'everything is published');
    expect(judge(changes, await consumer.read('cdc.raw.t')), agent.log.slice(before)).to.include({ lost: 0, duplicated: 0, invented: 0 });
    expect((await agent.status())?.segments.refused).to.equal(files.length);
    expect(await agent.stop(), agent.log.slice(before)).to.equal(0);
  });
});
