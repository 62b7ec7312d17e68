/** Cassandra and Kafka as a company has them, with logins, and a host on which the agent is installed as OPERATIONS.md says. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'cassandra-driver';
import { judge, JudgeConsumer, type JudgedEvent, type SeenEvent, type Verdict } from '../faults/judge.js';
import { projectRoot } from '../helpers/project-root.js';
import { startKafka, type CassandraNode, type KafkaBroker } from '../lab/index.js';
import { freePort } from '../lab/address.js';
import { Machine } from './machine.js';
import { makeCassandraUser, prepareNode } from './node.js';
import { copyPackage, debPackage, UNIT } from './package.js';

const LOGIN = { username: 'cassandra', password: 'cassandra' };
const STEADY_MS = 60_000;

/** Blocks of a page's section, by language, in order. */
export function blocks(page: string, section: string, language: string): string[] {
  const text = readFileSync(join(projectRoot, page), 'utf8');
  const part = new RegExp(`^## ${section}$([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, 'm').exec(text)?.[1];
  if (part === undefined) throw new Error(`${page} has no section ${section}`);
  return [...part.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block]) => block);
}

/** Throws when something that is to be replaced is not there: the page shows something else then. */
function put(text: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((now, [from, to]) => {
    if (!now.includes(from)) throw new Error(`${from} is not in\n${now}`);
    return now.replace(from, to);
  }, text);
}

export class World {
  readonly node: CassandraNode;
  readonly kafka: KafkaBroker;
  readonly machine: Machine;
  readonly httpPort: number;
  /** Acknowledged by the node, in the order of writing. */
  readonly written: JudgedEvent[] = [];
  #client: Client | undefined;
  #judge: JudgeConsumer | undefined;
  #writing: Promise<void> | undefined;
  #stopWriting = false;
  #next = 0;

  private constructor(parts: { readonly node: CassandraNode; readonly kafka: KafkaBroker; readonly machine: Machine; readonly httpPort: number }) {
    this.node = parts.node;
    this.kafka = parts.kafka;
    this.machine = parts.machine;
    this.httpPort = parts.httpPort;
  }

  /** Servers run, the host has Cassandra's files and no agent yet. */
  static async build(): Promise<World> {
    const { node, shows } = await prepareNode({ umask: '0027', config: { cdc_total_space: '1024MiB', authenticator: 'PasswordAuthenticator', authorizer: 'CassandraAuthorizer', role_manager: 'CassandraRoleManager' }, client: { credentials: LOGIN }, segmentSizeMiB: 4 });
    let kafka: KafkaBroker | undefined;
    try {
      [kafka] = await Promise.all([startKafka(), node.start()]);
      const machine = await Machine.boot({ shows });
      const world = new World({ node, kafka, machine, httpPort: await freePort() });
      await makeCassandraUser(machine);
      return world;
    } catch (error) {
      await kafka?.remove();
      await node.remove();
      throw error;
    }
  }

  async client(): Promise<Client> {
    return (this.#client ??= await this.node.client());
  }

  /** What OPERATIONS.md tells, word for word, but for the addresses of this world. Ms from the first word to the first event. */
  async installAsDocumented(): Promise<{ readonly ms: number; readonly said: string }> {
    const { machine } = this;
    const client = await this.client();
    await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    await client.execute('CREATE TABLE shop.orders (id int PRIMARY KEY, seq int, note text)');
    await copyPackage(machine, debPackage());
    const begun = Date.now();
    const [statements] = blocks('deploy/OPERATIONS.md', 'Install', 'sql');
    for (const statement of statements.split(';').map((one) => one.trim()).filter((one) => one !== '')) await client.execute(statement);
    const [install, ...rest] = blocks('deploy/OPERATIONS.md', 'Install', 'sh');
    let said = await machine.must(`cd /srv && ${install}`);
    await this.#configure();
    for (const block of rest) said += await machine.must(block);
    await this.writeSome(1);
    await this.until('the first event is seen', async () => (await this.seen()).length > 0);
    return { ms: Date.now() - begun, said };
  }

  /** Puts the sections that the page shows into agent.yaml, as a person does. */
  async #configure(): Promise<void> {
    const { machine, node, kafka, httpPort } = this;
    const file = '/etc/cassandra-cdc-agent/agent.yaml';
    const starter = await machine.must(`cat ${file}`);
    const shown = blocks('deploy/OPERATIONS.md', 'Install', 'yaml')[1];
    const text = put(shown + starter.slice(starter.indexOf('\nsource:')), {
      '127.0.0.1:9042': node.contactPoint, 'k1:9092, k2:9092, k3:9092': kafka.brokers.join(', '), 'partitions: 6, replication_factor: 3': 'partitions: 3, replication_factor: 1', '127.0.0.1:9300': `127.0.0.1:${httpPort}`,
    });
    await machine.write(file, text, '0640');
  }

  /** The same for the Ansible role. */
  ansibleVariables(): Record<string, unknown> {
    return {
      cassandra_cdc_agent_deb: `/srv/${basename(debPackage())}`,
      cassandra_cdc_agent_credentials: { 'cassandra-password': 'choose one' },
      cassandra_cdc_agent_ready_url: `http://127.0.0.1:${this.httpPort}/readyz`,
      cassandra_cdc_agent_config_extra: {
        cassandra: { username: 'cdc_agent', password: '${credential:cassandra-password}' },
        kafka: { brokers: this.kafka.brokers, topics: { create: true, partitions: 3, replication_factor: 1 } },
        http: { listen: `127.0.0.1:${this.httpPort}` },
        log: { level: 'info' },
      },
    };
  }

  /** Writes in the background until `stopWriting`; `keys` rows, over and over. */
  startWriting(keys = 50): void {
    this.#stopWriting = false;
    this.#writing = this.#write(keys);
  }

  async stopWriting(): Promise<void> {
    this.#stopWriting = true;
    await this.#writing;
    this.#writing = undefined;
  }

  async writeSome(count: number, note = ''): Promise<void> {
    for (let i = 0; i < count; i++) await this.#writeOne(50, note);
  }

  async #write(keys: number): Promise<void> {
    while (!this.#stopWriting) {
      await this.#writeOne(keys, '');
      await sleep(2);
    }
  }

  async #writeOne(keys: number, note: string): Promise<void> {
    const seq = this.#next++;
    const id = seq % keys;
    const client = await this.client();
    await client.execute('INSERT INTO shop.orders (id, seq, note) VALUES (?, ?, ?)', [id, seq, note], { prepare: true });
    this.written.push({ key: String(id), id: String(seq) });
  }

  async seen(): Promise<SeenEvent[]> {
    this.#judge ??= await JudgeConsumer.start(this.kafka.brokers);
    return (await this.#judge.read('cdc.shop.orders')).map(({ partition, offset, value }) => {
      const { after } = JSON.parse(value?.toString() ?? '{}') as { after: { id: number; seq: number } };
      return { key: String(after.id), id: String(after.seq), partition, offset };
    });
  }

  /** Waits until Kafka has as many events as were written, or no more come; then judges all of them. */
  async verdict(): Promise<Verdict> {
    const deadline = Date.now() + STEADY_MS;
    let seen = await this.seen();
    while (new Set(seen.map(({ id }) => id)).size < this.written.length && Date.now() < deadline) {
      await sleep(500);
      seen = await this.seen();
    }
    return judge(this.written, seen);
  }

  /** The line of `systemctl status` that the agent writes. */
  async statusLine(): Promise<string> {
    return this.machine.property(UNIT, 'StatusText');
  }

  async until(what: string, holds: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms\n${(await this.machine.run(`systemctl status ${UNIT}; journalctl -u ${UNIT} -n 40 --no-pager`)).text}`);
      await sleep(250);
    }
  }

  async remove(): Promise<void> {
    await this.stopWriting();
    await this.#judge?.stop();
    await this.machine.remove();
    await this.kafka.remove();
    await this.node.remove();
  }
}
