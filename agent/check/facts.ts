/** What several checks want to know: asked for once. */
import { dirname, join } from 'node:path';
import { parseCassandraYaml } from '../cassandra/cassandra-yaml.js';
import type { NodeInfo } from '../cassandra/node-info.js';
import type { NodeSettings } from '../cassandra/settings.js';
import type { AgentConfig } from '../config/declaration.js';
import type { ConfigProblem } from '../errors.js';
import { schemaFromRows, type SystemSchemaRows, type TableMetadata } from '../../parsers/index.js';
import type { CheckPorts, FileStatus, KafkaAnswers } from './ports.js';
import { matchesTable } from '../config/table-patterns.js';

/** An answer, or why there is none. */
export type Fact<T> = { readonly value: T; readonly error?: never } | { readonly value?: never; readonly error: Error };

export interface CheckedConfig {
  readonly config: AgentConfig;
  readonly warnings: readonly ConfigProblem[];
  /** As the operator named it. */
  readonly file: string;
}

export interface CdcRaw {
  readonly path: string;
  readonly source: string;
}

const DEBIAN_DATA = '/var/lib/cassandra';

export class Facts {
  readonly config: AgentConfig;
  readonly warnings: readonly ConfigProblem[];
  readonly file: string;
  readonly ports: CheckPorts;
  readonly #known = new Map<string, Promise<Fact<unknown>>>();

  constructor({ config, warnings, file }: CheckedConfig, ports: CheckPorts) {
    this.config = config;
    this.warnings = warnings;
    this.file = file;
    this.ports = ports;
  }

  node(): Promise<Fact<NodeInfo>> {
    return this.#once('node', () => this.ports.node.info());
  }

  /** cassandra.yaml. */
  yaml(): Promise<Fact<NodeSettings>> {
    const path = this.config.cassandra.config_file;
    return this.#once('yaml', async () => parseCassandraYaml(await this.ports.files.read(path), path));
  }

  /** What the node has in force; null: the role may not see it. */
  inForce(): Promise<Fact<NodeSettings | null>> {
    return this.#once('settings', () => this.ports.node.settings());
  }

  /** The best there is: in force, else cassandra.yaml, else nothing. */
  async settings(): Promise<NodeSettings | null> {
    return (await this.inForce()).value ?? (await this.yaml()).value ?? null;
  }

  schema(): Promise<Fact<SystemSchemaRows>> {
    return this.#once('schema', () => this.ports.node.schema());
  }

  /** Tables with cdc = true, and those of them that the configuration wants. */
  tables(): Promise<Fact<{ readonly captured: readonly TableMetadata[]; readonly wanted: readonly TableMetadata[] }>> {
    return this.#once('tables', async () => {
      const { value, error } = await this.schema();
      if (error !== undefined) throw error;
      const captured = schemaFromRows(value).filter(({ isCdc, isView }) => isCdc && !isView);
      return { captured, wanted: captured.filter(({ keyspace, name }) => matchesTable(this.config.tables, `${keyspace}.${name}`)) };
    });
  }

  async cdcRaw(): Promise<CdcRaw> {
    const configured = this.config.source.cdc_raw_directory;
    if (configured !== undefined) return { path: configured, source: 'source.cdc_raw_directory' };
    for (const settings of [(await this.inForce()).value, (await this.yaml()).value]) {
      if (settings?.cdcRawDirectory !== undefined) return { path: settings.cdcRawDirectory, source: settings.source };
    }
    return { path: join(DEBIAN_DATA, 'cdc_raw'), source: 'Cassandra\'s own default' };
  }

  async commitlogDirectory(): Promise<string> {
    return (await this.settings())?.commitlogDirectory ?? join(dirname((await this.cdcRaw()).path), 'commitlog');
  }

  /** Where the spool is, or would be. */
  spool(): string {
    return this.config.source.spool.directory ?? join(this.config.state_directory, 'spool');
  }

  /** Rejections of the filesystem (no right to look) are facts too. */
  status(path: string): Promise<Fact<FileStatus | null>> {
    return this.#once(`status ${path}`, () => this.ports.files.status(path));
  }

  kafka(): Promise<Fact<KafkaAnswers>> {
    return this.#once('kafka', async () => {
      const { value: node } = await this.node();
      const { kafka } = this.ports;
      return kafka.ask({ transactionalId: node === undefined ? null : kafka.transactionalIdOf(node), topics: await this.topics() });
    });
  }

  /** Topics that the agent will write to. */
  async topics(): Promise<string[]> {
    const { kafka } = this.ports;
    const { config } = this;
    const wanted = (await this.tables()).value?.wanted ?? [];
    const events = wanted.map(({ keyspace, name }) => config.events.topic.replaceAll('{keyspace}', keyspace).replaceAll('{table}', name));
    const own = [kafka.positionTopic(), kafka.controlTopic(), ...(config.kafka.on_oversized_event === 'dead_letter' ? [kafka.deadLetterTopic()] : [])];
    return [...new Set([...own, ...events])];
  }

  #once<T>(name: string, ask: () => Promise<T>): Promise<Fact<T>> {
    let known = this.#known.get(name) as Promise<Fact<T>> | undefined;
    if (known === undefined) {
      known = ask().then((value): Fact<T> => ({ value }), (error: unknown): Fact<T> => ({ error: error instanceof Error ? error : new Error(String(error)) }));
      this.#known.set(name, known);
    }
    return known;
  }
}
