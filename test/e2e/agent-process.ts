/** The agent as its operator runs it: a process, a configuration file, a log. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { AgentState } from '../../agent/observe/agent-state.js';
import { projectRoot } from '../helpers/project-root.js';
import type { CassandraNode } from '../lab/index.js';

export interface AgentSetup {
  readonly node: CassandraNode;
  readonly brokers: readonly string[];
  /** Merged over the configuration that a lab needs. */
  readonly config?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly env?: Readonly<Record<string, string>>;
}

export class AgentProcess {
  readonly directory: string;
  configFile: string;
  /** Everything that it has said. */
  log = '';
  #child: ChildProcess | undefined;
  readonly #env: Readonly<Record<string, string>>;

  constructor({ node, brokers, config = {}, env = {} }: AgentSetup) {
    // Beside cdc_raw: the spool must be on its filesystem.
    this.directory = mkdtempSync(join(node.directory, 'agent-'));
    this.configFile = join(this.directory, 'agent.yaml');
    this.#env = env;
    this.configure({ node, brokers, config });
  }

  configure({ node, brokers, config = {} }: AgentSetup): void {
    const base: Record<string, Record<string, unknown>> = {
      cassandra: { contact_points: [`${node.address}:9042`], config_file: join(node.directory, 'conf/cassandra.yaml') },
      kafka: { brokers: [...brokers], topics: { create: true, partitions: 3, replication_factor: 1 } },
      source: { cdc_raw_directory: node.cdcRawDir },
      http: { listen: `${node.address}:9300` },
      log: { format: 'logfmt' },
    };
    const merged = Object.fromEntries([...new Set([...Object.keys(base), ...Object.keys(config)])].map((name) => [name, { ...base[name], ...config[name] }]));
    writeFileSync(this.configFile, stringify({ ...merged, state_directory: join(this.directory, 'state') }));
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the agent does not run');
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts it and returns; `ready` waits. */
  start(): void {
    this.#child = spawn(process.execPath, [...(process.env['CDC_AGENT_NODE_OPTIONS']?.split(' ') ?? []), join(projectRoot, 'dist/agent/main.js'), 'run', '--config', this.configFile], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...this.#env } });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.log += text));
  }

  async startAndWait(): Promise<void> {
    this.start();
    await this.until(async () => (await this.status())?.state === 'tailing', 'the agent tails', 120_000);
  }

  /** Null while it does not answer. */
  status(): Promise<AgentState | null> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(join(this.directory, 'state/control.sock'), () => socket.write('status\n'));
      socket.setEncoding('utf8').setTimeout(2000, () => socket.destroy());
      socket.on('data', (part: string) => {
        text += part;
        if (text.endsWith('\n')) socket.end();
      });
      socket.on('error', () => undefined).on('close', () => {
        try {
          resolve((JSON.parse(text) as { status: AgentState }).status);
        } catch {
          resolve(null);
        }
      });
    });
  }

  async until(holds: () => Promise<boolean> | boolean, what: string, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await holds())) {
      if (Date.now() > deadline || !this.isRunning) throw new Error(`${what}: not within ${timeoutMs} ms\n${this.log.slice(-6000)}`);
      await sleep(50);
    }
  }

  /** Exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return child?.exitCode ?? null;
    const exit = once(child, 'close');
    child.kill(signal);
    await exit;
    return child.exitCode;
  }

  /** Of a child that ends by itself. */
  async ended(): Promise<number | null> {
    if (this.#child !== undefined && this.isRunning) await once(this.#child, 'close');
    return this.#child?.exitCode ?? null;
  }

  /** CPU seconds so far and resident bytes. */
  async usage(): Promise<{ readonly cpuSeconds: number; readonly rss: number }> {
    const { readFile } = await import('node:fs/promises');
    const [, rest] = (await readFile(`/proc/${this.pid}/stat`, 'latin1')).split(') ');
    const fields = rest.split(' ');
    const status = await readFile(`/proc/${this.pid}/status`, 'latin1');
    return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, rss: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024 };
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

