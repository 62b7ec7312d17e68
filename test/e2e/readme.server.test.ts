/** "On a host of your own", as the README tells it: its configuration, its commands, its statement, its event. */
import { expect } from 'chai';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { JudgeConsumer } from '../faults/judge.js';
import { projectRoot } from '../helpers/project-root.js';
import { startCassandra, startKafka, type CassandraNode, type KafkaBroker } from '../lab/index.js';
import { shopSchema } from '../record/workload/shop.js';

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');

/** A code block of the README, or the one in which `part` stands. */
function block(language: string, part = ''): string {
  for (const [, text] of readme.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, 'g'))) if (text.includes(part)) return text;
  throw new Error(`the README shows no ${language} with ${part}`);
}

describe('the README on a host of your own', function () {
  this.timeout(180_000);
  let node: CassandraNode;
  let kafka: KafkaBroker;
  let consumer: JudgeConsumer;
  let directory: string;
  let running: ChildProcess | undefined;

  before(async () => {
    [node, kafka] = await Promise.all([startCassandra({ version: '5.0.6' }), startKafka()]);
    consumer = await JudgeConsumer.start(kafka.brokers);
    directory = join(node.directory, 'operator');
    mkdirSync(directory);
    const client = await node.client();
    for (const step of shopSchema()) if (typeof step === 'string') await client.execute(step);
    // What differs from host to host: the addresses, where the state lies, how many brokers there are, and a free port.
    const own: readonly (readonly [string, string])[] = [
      ['127.0.0.1:9042', `${node.address}:9042`], ['k1:9092, k2:9092', kafka.brokers.join(', ')], ['{ create: true }', '{ create: true, replication_factor: 1 }'],
    ];
    const shown = block('yaml', '# agent.yaml');
    expect(own.filter(([theirs]) => !shown.includes(theirs))).to.deep.equal([]);
    const config = own.reduce((text, [theirs, ours]) => text.replace(theirs, ours), shown);
    writeFileSync(join(directory, 'agent.yaml'), `${config}state_directory: ${join(directory, 'state')}\nhttp: { listen: "${node.address}:9300" }\n`);
  });
  after(async () => {
    running?.kill('SIGKILL');
    await consumer?.stop();
    await node?.remove();
    await kafka?.remove();
  });

  /** Of the two commands, the one with this verb: as a checkout runs it, which the README says. */
  function command(verb: string): string[] {
    const line = block('sh', `cassandra-cdc-agent ${verb}`).split('\n').find((one) => one.includes(` ${verb} `)) ?? '';
    const [name, ...rest] = line.replace(/#.*/, '').trim().split(/\s+/);
    expect(name).to.equal('cassandra-cdc-agent');
    const [, program, script] = /is `(node) (dist\S+)`/.exec(readme) ?? [];
    expect(program).to.equal('node');
    return [join(projectRoot, script), ...rest];
  }

  it('`check` finds nothing that fails, and `run` gives the event that the README shows for its statement', async () => {
    const { status, stdout } = spawnSync(process.execPath, command('check'), { cwd: directory, encoding: 'utf8' });
    expect(status, stdout).to.equal(0);
    expect(stdout).to.match(/^OK +kafka:/m).and.not.match(/^FAIL/m);
    const agent = running = spawn(process.execPath, command('run'), { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
    let log = '';
    agent.stderr.on('data', (data: Buffer) => void (log += data.toString()));
    for (const end = Date.now() + 60_000; !log.includes('tailing'); await sleep(100)) if (Date.now() > end) throw new Error(log);
    const client = await node.client();
    await client.execute(block('sql').trim().replace(/;$/, ''));
    const shown = JSON.parse(block('json')) as Record<string, unknown>;
    const topic = /on the topic `([^`]+)`/.exec(readme)?.[1] ?? '';
    let records = await consumer.read(topic);
    for (const end = Date.now() + 30_000; records.length === 0; records = await consumer.read(topic)) {
      if (Date.now() > end) throw new Error(log);
      await sleep(200);
    }
    const event = JSON.parse(String(records[0].value)) as Record<string, unknown>;
    // What no two clusters have in common.
    for (const name of ['id', 'ts_us', 'ts_ms', 'source']) {
      expect(event[name]).to.be.a(typeof shown[name]);
      delete event[name];
      delete shown[name];
    }
    expect(event).to.deep.equal(shown);
    expect(readme).to.include(`under the key \`${String(records[0].key)}\``);
    agent.kill('SIGTERM');
    expect((await once(agent, 'exit'))[0], log).to.equal(0);
  });
});
