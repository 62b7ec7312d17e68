/** agent/EVENTS.md is true: its CQL, executed on a real node, gives its events under its configuration; values are those of SELECT JSON. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Client } from 'cassandra-driver';
import { loadConfig } from '../../../agent/config/load.js';
import { eventFeaturesOf } from '../../../agent/pipeline/event-options.js';
import { Pipeline } from '../../../agent/pipeline/recorded-pipeline.js';
import { everyCopy } from '../../../agent/pipeline/entry-records.js';
import { StreamSink } from '../../../agent/publisher/line-sink.js';
import { NdjsonPublisher } from '../../../agent/publisher/ndjson-publisher.js';
import { JsonSerializer } from '../../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE } from '../../../agent/serializer/serializer.js';
import { recordedSegments } from '../../../agent/source/recorded-directory.js';
import { CASSANDRA_JSON, Schema } from '../../../parsers/index.js';
import { schemaFromRows, type SystemSchemaRows } from '../../../parsers/schema/from-system-schema.js';
import { projectRoot } from '../../helpers/project-root.js';
import { isSameJson } from '../../helpers/same-json.js';
import { startCassandra, type CassandraNode } from '../../lab/index.js';

interface Example {
  readonly statements: readonly string[];
  readonly events: readonly Record<string, unknown>[];
}

const DOCUMENT = readFileSync(join(projectRoot, 'agent/EVENTS.md'), 'utf8');

const statementsOf = (cql: string): string[] => cql.split(/;\s*\n/).map((statement) => statement.trim().replace(/;$/, '')).filter((statement) => statement !== '');
const blocks = (pattern: RegExp): string[][] => [...DOCUMENT.matchAll(pattern)].map((match) => match.slice(1));
const SCHEMA = blocks(/```cql schema\n([^]*?)```/g).flatMap(([cql]) => statementsOf(cql));
const CONFIG = blocks(/```yaml config\n([^]*?)```/g).join('\n');
const EXAMPLES: readonly Example[] = blocks(/```cql\n([^]*?)```\n```json\n([^]*?)```/g)
  .map(([cql, json]) => ({ statements: statementsOf(cql), events: json.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>) }));

const TYPES: readonly (readonly [type: string, ...literals: string[]])[] = [
  ['ascii', "'a\"b\\'", "''"], ['bigint', '9223372036854775807', '-9223372036854775808'], ['blob', '0x00ff', '0x'], ['boolean', 'true', 'false'],
  ['date', "'2026-11-22'", "'-0044-03-15'"], ['decimal', '6722.98', '-1E-20', '0.00'], ['double', '435.61', '-1.5E300', '0.1'], ['duration', '1mo2d3h4m5s6ns', '-12h'],
  ['float', '0.1', '1.0E10'], ['inet', "'127.0.0.1'", "'::1'"], ['int', '-2147483648', '0'], ['smallint', '-32768'], ['text', "'żółw 🐢'", "'line\nbreak'"],
  ['time', "'23:59:59.999999999'", "'00:00:00'"], ['timestamp', "'2026-11-22T10:00:00.123Z'", "'1969-12-31T23:59:59.999Z'"], ['tinyint', '-128'], ['timeuuid', '464d80c0-e6a6-11f1-99a3-4baeb5e27ea1'],
  ['uuid', '7f1c2f6e-9d4b-4f0e-8d53-1b8d7c1f0a01'], ['varint', '123456789012345678901234567890', '-1'], ['frozen<list<int>>', '[1, 2]', '[]'], ['frozen<set<text>>', "{'a', 'b'}"],
  ['frozen<map<int, text>>', "{1: 'one', 2: 'two'}"], ['tuple<int, text>', "(1, 'x')"], ['frozen<shop.address>', "{street: 'a', city: null}"], ['vector<float, 3>', '[0.1, -2.5, 3]'],
];

describe('EVENTS.md on a real node', function () {
  this.timeout(600_000);
  let node: CassandraNode;
  let client: Client;
  let lines: { readonly text: string; readonly value: Record<string, unknown> & { readonly source: { readonly table: string } } }[];
  const selected: { readonly type: string; readonly id: number; readonly json: string }[] = [];

  before(async () => {
    node = await startCassandra({ version: '5.0.6', heap: '512M', segmentSizeMiB: 4 });
    client = await node.client();
    await client.execute("CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
    for (const statement of SCHEMA) await client.execute(statement);
    for (const { statements } of EXAMPLES) for (const statement of statements) await client.execute(statement);
    await writeTypes();
    const schema = await schemaOf(client);
    await sleep(1000);
    lines = await eventsOf(node.cdcRawDir, schema);
  });
  after(async () => { await node.remove(); });

  async function writeTypes(): Promise<void> {
    await client.execute(`CREATE TABLE shop.types (id int PRIMARY KEY, ${TYPES.map(([type], i) => `v${i} ${type}`).join(', ')}) WITH cdc = true`);
    let id = 0;
    for (const [i, [type, ...literals]] of TYPES.entries()) {
      for (const literal of literals) {
        id++;
        await client.execute(`INSERT INTO shop.types (id, v${i}) VALUES (${id}, ${literal})`);
        const { rows } = await client.execute(`SELECT JSON v${i} FROM shop.types WHERE id = ${id}`);
        const text = rows[0]['[json]'] as string;
        selected.push({ type, id, json: text.slice(`{"v${i}": `.length, -1) });
      }
    }
  }

  it('has examples, each with its events', () => expect(EXAMPLES.length).to.be.greaterThan(15));

  it('tells the truth', () => {
    const seen = lines.filter(({ value }) => value.source.table !== 'types').map(({ value }) => value);
    const expected = EXAMPLES.flatMap(({ events }) => events);
    for (const [i, event] of expected.entries()) expect(shownOf(seen[i], event), `event ${i}`).to.deep.equal(event);
    expect(seen).to.have.length(expected.length);
  });

  it('prints values as SELECT JSON does', () => {
    const events = lines.filter(({ value }) => value.source.table === 'types');
    expect(events).to.have.length(selected.length);
    for (const [i, { type, id, json }] of selected.entries()) {
      const ours = /"after":\{"id":\d+,"v\d+":([^]*)\},"row":/.exec(events[i].text)?.[1] ?? '';
      const className = /double/.test(type) ? 'DoubleType' : /float/.test(type) ? 'FloatType' : '';
      expect(isSameJson(className, ours, json), `${type} ${id}: ${ours} is not ${json}`).to.equal(true);
    }
  });
});

/** What `example` shows of `event`: its fields, with "…" where it leaves one open. */
function shownOf(event: unknown, example: unknown): unknown {
  if (example === '…') return event === undefined || event === null ? event : '…';
  if (Array.isArray(example) && Array.isArray(event)) return event.map((item, i) => shownOf(item, example[i]));
  if (example === null || typeof example !== 'object' || event === null || typeof event !== 'object') return event;
  const isEnvelope = 'op' in example;
  const names = isEnvelope ? Object.keys(example) : Object.keys(event);
  return Object.fromEntries(names.map((name) => [name, shownOf((event as Record<string, unknown>)[name], (example as Record<string, unknown>)[name])]));
}

async function schemaOf(client: Client): Promise<Schema> {
  const rows: Record<string, unknown[]> = {};
  for (const name of ['keyspaces', 'tables', 'columns', 'dropped_columns', 'types', 'views']) rows[name] = (await client.execute(`SELECT JSON * FROM system_schema.${name}`)).rows.map((row) => row['[json]'] as string);
  return new Schema(schemaFromRows(rows as unknown as SystemSchemaRows));
}

async function eventsOf(directory: string, schema: Schema): Promise<{ text: string; value: Record<string, unknown> & { source: { table: string } } }[]> {
  let text = '';
  const sink = new Writable({ write(chunk: Buffer, _encoding, done) { text += chunk.toString(); done(); } });
  const { config } = loadConfig({ text: `cassandra: { contact_points: [127.0.0.1:9042] }\nkafka: { brokers: ["k1:9092"] }\n${CONFIG}`, file: 'agent/EVENTS.md', directory: projectRoot, sources: { env: {}, readSecretFile: () => ({ text: '', worldReadable: false }) } });
  const serializer = new JsonSerializer({ topic: 'cdc.{keyspace}.{table}', values: CASSANDRA_JSON, version: '1.0.0', source: UNKNOWN_SOURCE, features: eventFeaturesOf(config, () => undefined), lines: true });
  await new Pipeline({ segments: recordedSegments(directory), schema, ownership: everyCopy, serializer, publisher: new NdjsonPublisher(new StreamSink(sink)), now: Date.now }).run();
  return text.trimEnd().split('\n').map((line) => ({ text: line, value: (JSON.parse(line) as { value: Record<string, unknown> & { source: { table: string } } }).value }));
}
