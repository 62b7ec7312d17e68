/** Events against the reference implementation: over random mutations, and over what Cassandra's own reader says of recordings. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { whyNotCaptured } from '../../../agent/events/capture.js';
import { MutationEvents } from '../../../agent/events/mutation-events.js';
import { Tally } from '../../../agent/events/tally.js';
import { recordedSegments } from '../../../agent/source/recorded-directory.js';
import { Mutation, MutationFrames, Schema, UnknownTableError, type TableMetadata } from '../../../parsers/index.js';
import { int64ToString } from '../../../parsers/io/int64.js';
import { schemaFromRows, type SystemSchemaRows } from '../../../parsers/schema/from-system-schema.js';
import { changesOf, dropKey, type DropTimes, type ReferenceChange } from '../../helpers/change-reference.js';
import { MutationGenerator } from '../../helpers/mutation-generator.js';
import { encodeMutation } from '../../helpers/mutation-writer.js';
import { projectRoot } from '../../helpers/project-root.js';
import { Rng, runSeed } from '../../helpers/random.js';
import { expectedUpdate, type RawUpdate } from '../../helpers/raw-contract.js';
import { randomSchema } from '../../helpers/schema-generator.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { collect } from './collect.js';

const RECORDINGS = join(projectRoot, 'test/fixtures/segments');

function recordings(): string[] {
  return readdirSync(RECORDINGS).map((name) => join(RECORDINGS, name)).filter((directory) => existsSync(join(directory, 'oracle.ndjson.gz')));
}

interface OracleLine {
  readonly k: string;
  readonly seg: string;
  readonly end: number;
  readonly u?: readonly RawUpdate[];
}

function oracleLines(directory: string): OracleLine[] {
  const text = gunzipSync(readFileSync(join(directory, 'oracle.ndjson.gz'))).toString();
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as OracleLine);
}

/** From the rows as Cassandra gave them. */
function dropTimesOf(rows: SystemSchemaRows): DropTimes {
  const tables = rows.tables as Record<string, unknown>[];
  const dropped = (rows.dropped_columns ?? []) as Record<string, unknown>[];
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return new Map(dropped.map((column) => {
    const table = tables.find((one) => one['keyspace_name'] === column['keyspace_name'] && one['table_name'] === column['table_name']);
    const ms = Date.parse(text(column['dropped_time']));
    // The farthest time is none that a Date can hold.
    return [dropKey(text(table?.['id']), text(column['column_name'])), Number.isNaN(ms) ? 2n ** 63n : BigInt(ms) * 1000n];
  }));
}

type Change = Omit<ReferenceChange, 'canonical'>;

/** What the agent makes of a directory of segments: by `segment name:position`. */
function agentChanges(directory: string, tables: readonly TableMetadata[]): Map<string, Change[]> {
  const schema = new Schema(tables);
  const events = new MutationEvents(schema, new Tally());
  const mutation = new Mutation(schema);
  const frames = new MutationFrames();
  const found = new Map<string, Change[]>();
  for (const { name, descriptor, sections } of recordedSegments(directory, { packed: true })) {
    for (const section of sections()) {
      frames.open(section);
      while (frames.next()) {
        const changes: Change[] = [];
        mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: descriptor.version });
        events.open(mutation, frames, descriptor);
        try {
          while (events.next()) {
            const { op, scope, index, id, timestampHigh, timestampLow } = events.event;
            changes.push({ op, scope, index, id, ts: int64ToString(timestampHigh, timestampLow) });
          }
        } catch (error) {
          if (!(error instanceof UnknownTableError)) throw error;
        }
        if (changes.length > 0) found.set(`${name.replace(/\.gz$/, '')}:${frames.position}`, changes);
      }
    }
  }
  return found;
}

describe('events of random mutations', () => {
  const seed = runSeed(20_261_122);
  const rng = new Rng(seed);
  for (const version of [7, 8] as const) {
    it(`are those of the reference, ids included (version ${version}, seed ${seed})`, () => {
      let changes = 0;
      for (let round = 0; round < 8; round++) {
        const model = randomSchema(rng, { tables: 4, vectors: true, forServer: false });
        const generator = new MutationGenerator(rng, model, { version, wild: false, items: 6, nullClustering: true });
        const tables = tablesOf(model);
        const captured = new Set(tables.filter((table) => whyNotCaptured(table) === undefined).map(({ id }) => id));
        const dropTimes = new Map(model.tables.flatMap(({ id, statics, regulars }) => [...statics, ...regulars].flatMap(({ name, droppedTime }) => (droppedTime === null ? [] : [[dropKey(id, name), droppedTime] as const]))));
        for (let i = 0; i < 40; i++) {
          const mutation = generator.mutation();
          const raw = mutation.updates.map((update) => expectedUpdate(update, version === 8 ? 'v8' : 'v7-by-5'));
          const expected = changesOf(raw.filter(({ id }) => captured.has(id)), dropTimes);
          const { events } = collect(tables, [encodeMutation(mutation, '5')], { version });
          const actual = events.map(({ op, scope, index, ts, id }, n) => ({ op, scope, index, ts, id: expected[n]?.id === null ? null : id }));
          expect(actual).to.deep.equal(expected.map(({ op, scope, index, ts, id }) => ({ op, scope, index, ts, id })));
          changes += expected.length;
        }
      }
      expect(changes).to.be.greaterThan(400);
    });
  }
});

describe('events of recordings', () => {
  for (const directory of recordings()) {
    const name = directory.slice(RECORDINGS.length + 1);
    // An encrypted recording is read by the tests of the parser; its mutations are those of the others. Version 6 is for inspect.
    if (name.includes('encrypted') || name.endsWith('-v6')) continue;
    it(`${name}: op, scope, timestamp, index and id follow from what Cassandra's reader says`, () => {
      const rows = JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8')) as SystemSchemaRows;
      const tables = schemaFromRows(rows);
      const dropTimes = dropTimesOf(rows);
      const captured = new Set(tables.filter((table) => whyNotCaptured(table) === undefined).map(({ id }) => id));
      const actual = agentChanges(directory, tables);
      const expected = new Map<string, ReferenceChange[]>();
      // Values that CQL accepts and Cassandra's reader then refuses: the node could not replay them, we publish them.
      const refused = new Set<string>();
      for (const { k, seg, end, u } of oracleLines(directory)) {
        if (k === 'e') refused.add(`${seg}:${end}`);
        if (k !== 'm' && k !== 'u') continue;
        const changes = changesOf((u ?? []).filter(({ id }) => captured.has(id)), dropTimes);
        if (changes.length > 0) expected.set(`${seg}:${end}`, changes);
      }
      expect(expected.size).to.be.greaterThan(name.includes('malformed') ? 10 : 400);
      expect([...actual.keys()].filter((place) => !refused.has(place))).to.deep.equal([...expected.keys()]);
      for (const [place, changes] of expected) {
        const known = actual.get(place)?.map((change, i) => (changes[i]?.id === null ? { ...change, id: null } : change));
        expect(known, place).to.deep.equal(changes.map(({ op, scope, index, id, ts }) => ({ op, scope, index, id, ts })));
      }
    });
  }
});
