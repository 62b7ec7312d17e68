/** From an entry of the log to the records that are published, and to the counts of those that are not. */
import { expect } from 'chai';
import { everyCopy, type EntryStages, type KnownChanges } from '../../../agent/pipeline/entry-records.js';
import { LiveReader, type ReaderOptions } from '../../../agent/pipeline/live-reader.js';
import { Tally } from '../../../agent/events/tally.js';
import { NO_FEATURES, type EventFeatures } from '../../../agent/serializer/event-features.js';
import { JsonSerializer } from '../../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE } from '../../../agent/serializer/serializer.js';
import { CASSANDRA_JSON, Schema, type CommitLogPosition } from '../../../parsers/index.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { set } from '../../helpers/type-models.js';
import { TS, column, data, deletionAt, inserted, int, live, mutation, row, scalar, table, text, tombstone, update } from '../events/log.js';
import { memoryLog } from './memory-log.js';

const TAGS = set(scalar('text'), false);
const orders = table({
  name: 'orders', key: [column('k', scalar('int'))], clustering: [column('c', scalar('int'))],
  statics: [column('s', scalar('int'))], regulars: [column('card', scalar('text')), column('v', scalar('text')), column('tags', TAGS)],
});
const users = table({ name: 'users', key: [column('k', scalar('int'))], regulars: [column('v', scalar('int'))] });
const SCHEMA = new Schema(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [orders, users] }));
const SEGMENT = 5;
/** Bytes: above it no event of an entry is spared. */
const LARGE = 256 * 1024;

interface World {
  readonly stages?: Partial<EntryStages>;
  readonly features?: Partial<EventFeatures>;
  readonly reader?: Partial<ReaderOptions>;
  /** Ms since 1970. */
  readonly lateBefore?: number;
}

interface Published {
  readonly key: string;
  /** Null: without value. */
  readonly value: { readonly id: string; readonly op: string; readonly source: { readonly index: number } } | null;
  readonly isLate: boolean;
}

interface Outcome {
  readonly published: Published[];
  /** By reason. */
  readonly skipped: Record<string, number>;
  /** Events that were counted as published, by op. */
  readonly counted: Record<string, number>;
  readonly late: number;
  readonly ends: CommitLogPosition[];
}

function readerOf({ stages, features, reader: options, lateBefore = 0 }: World): { readonly reader: LiveReader; readonly tally: Tally } {
  const tally = new Tally();
  const serializer = new JsonSerializer({ topic: 'cdc.{keyspace}.{table}', values: CASSANDRA_JSON, version: '1.0.0', source: UNKNOWN_SOURCE, features: { ...NO_FEATURES, ...features } });
  const reader = new LiveReader({ schema: SCHEMA, ownership: everyCopy, serializer, tally, ...stages }, { segment: SEGMENT, position: 0 }, { published: null, ...options });
  reader.entry.lateBefore = lateBefore;
  return { reader, tally };
}

function read(mutations: readonly Buffer[], world: World = {}): Outcome {
  const { reader, tally } = readerOf(world);
  const published: Published[] = [];
  const ends: CommitLogPosition[] = [];
  for (const section of memoryLog(SEGMENT, mutations).sections) {
    reader.open(section, 0);
    for (const { records, end } of reader.chunk()) {
      ends.push({ ...end });
      for (const { bytes, keyStart, keyEnd, valueStart, valueEnd, headers } of records) {
        published.push({
          key: bytes.toString('utf8', keyStart, keyEnd),
          value: valueStart < 0 ? null : JSON.parse(bytes.toString('utf8', valueStart, valueEnd)) as Published['value'],
          isLate: headers.some(([name]) => name === 'cdc.late'),
        });
      }
    }
    expect(reader.stumble).to.equal(undefined);
  }
  const skipped = Object.fromEntries([...tally.skipped].map(([reason, names]) => [reason, [...names.values()].reduce((sum, count) => sum + count, 0)]));
  const counted = [...tally.events.values()].reduce<Record<string, number>>((sum, { c, u, d }) => ({ c: sum['c'] + c, u: sum['u'] + u, d: sum['d'] + d }), { c: 0, u: 0, d: 0 });
  return { published, skipped, counted, late: reader.entry.late, ends };
}

const card = data(orders, 'card', [live(text('4111'))]);
const v = (value: string, timestamp = TS): ReturnType<typeof data> => data(orders, 'v', [live(text(value), { timestamp })]);
const rows = (...items: Parameters<typeof row>[]): Buffer => mutation(update(orders, [int(1)], { items: items.map((each) => row(...each)) }));
const names = ({ published }: Outcome): string[] => published.map(({ key, value }) => `${value === null ? 'null' : `${value.op}${value.source.index}`} ${key}`);

describe('records of an entry', () => {
  describe('columns that are left out', () => {
    const features: Partial<EventFeatures> = { maskOf: (_, name) => (name === 'card' || name === 'tags' || name === 's' ? 'drop' : 'show') };

    it('make an update that touches nothing else no event, and count it', () => {
      const bytes = rows([[int(1)], [card]], [[int(2)], [v('x')]], [[int(3)], [data(orders, 'tags', [live(Buffer.alloc(0), { path: text('a') })], deletionAt(TS - 1n))]], [[int(4)], [data(orders, 'card', [tombstone()])]], [[int(5)], [card, v('y')]]);
      const outcome = read([bytes], { features });
      expect(names(outcome)).to.deep.equal(['u1 {"k":1,"c":2}', 'u4 {"k":1,"c":5}']);
      expect(outcome.skipped).to.deep.equal({ filtered: 3 });
      expect(outcome.counted).to.deep.equal({ c: 0, u: 2, d: 0 });
      const all = read([bytes]).published;
      expect(outcome.published.map(({ value }) => value?.id)).to.deep.equal([all[1].value?.id, all[4].value?.id]);
    });

    it('leave an INSERT and a deletion what they are', () => {
      const outcome = read([rows([[int(1)], [card], inserted], [[int(2)], [], { deletion: deletionAt() }])], { features });
      expect(names(outcome)).to.deep.equal(['c0 {"k":1,"c":1}', 'd1 {"k":1,"c":2}']);
      expect(outcome.skipped).to.deep.equal({});
    });

    it('are looked for in static rows too', () => {
      const bytes = mutation(update(orders, [int(1)], { staticRow: row([], [data(orders, 's', [live(int(1))])]), items: [row([int(1)], [v('x')])] }));
      const outcome = read([bytes], { features });
      expect(names(outcome)).to.deep.equal(['u1 {"k":1,"c":1}']);
      expect(outcome.skipped).to.deep.equal({ filtered: 1 });
    });

    it('are neither late nor known to later changes', () => {
      const known: string[] = [];
      const repeats: KnownChanges = { has: (digest) => known.includes(digest), add: (digest) => void known.push(digest) };
      const bytes = rows([[int(1)], [card]]);
      expect(read([bytes, bytes], { features, stages: { repeats }, lateBefore: Number(TS / 1000n) + 1 })).to.deep.include({ late: 0, skipped: { filtered: 2 } });
      expect(known).to.deep.equal([]);
    });
  });

  describe('with tombstones', () => {
    const stages = { tombstones: true };

    it('follow the deletion of a row', () => {
      expect(names(read([rows([[int(1)], [], { deletion: deletionAt() }])], { stages }))).to.deep.equal(['d0 {"k":1,"c":1}', 'null {"k":1,"c":1}']);
    });

    it('follow the deletion of a partition that is a row, and of no other', () => {
      const deleted = [users, orders].map((one) => mutation(update(one, [int(1)], { deletion: deletionAt() })));
      expect(names(read(deleted, { stages }))).to.deep.equal(['d0 {"k":1}', 'null {"k":1}', 'd0 {"k":1}']);
    });
  });

  describe('that are late', () => {
    const OLD = TS - 3_600_000_000n;
    const lateBefore = Number(TS / 1000n) - 60_000;
    const mixed = (size = 1): Buffer => rows([[int(1)], [v('x'.repeat(size), OLD)]], [[int(2)], [v('y')]], [[int(3)], [v('z', OLD)]]);
    const drop = { dropLate: true };

    it('are told, or dropped', () => {
      const told = read([mixed()], { lateBefore });
      expect(told.published.map(({ isLate }) => isLate)).to.deep.equal([true, false, true]);
      expect(told).to.deep.include({ late: 2, skipped: {} });
      const dropped = read([mixed()], { lateBefore, stages: drop });
      expect(names(dropped)).to.deep.equal(['u1 {"k":1,"c":2}']);
      expect(dropped).to.deep.include({ late: 2, skipped: { late: 2 }, counted: { c: 0, u: 1, d: 0 } });
    });

    it('are published of an entry that is large', () => {
      const outcome = read([mixed(LARGE)], { lateBefore, stages: drop });
      expect(outcome.published.map(({ isLate }) => isLate)).to.deep.equal([true, false, true]);
      expect(outcome).to.deep.include({ late: 2, skipped: {}, counted: { c: 0, u: 3, d: 0 } });
    });

    it('are published of an entry that fills more than a transaction, by events or by bytes', () => {
      for (const limits of [{ maxEvents: 2, maxBytes: 1 << 20 }, { maxEvents: 2000, maxBytes: 1024 }]) {
        expect(names(read([mixed()], { lateBefore, stages: { ...drop, transaction: () => limits } }))).to.have.length(3);
      }
      expect(names(read([mixed()], { lateBefore, stages: { ...drop, transaction: () => ({ maxEvents: 3, maxBytes: 1 << 20 }) } }))).to.have.length(1);
    });

    it('are published of the entry that was published in part, and of no other', () => {
      const [end] = read([mixed(), mixed()]).ends;
      const reader = { published: { ...end, position: end.position - 1 }, partlyPublished: end };
      expect(names(read([mixed(), mixed()], { lateBefore, stages: drop, reader }))).to.deep.equal(['u0 {"k":1,"c":1}', 'u1 {"k":1,"c":2}', 'u2 {"k":1,"c":3}', 'u1 {"k":1,"c":2}']);
    });

    it('take the record without value with them', () => {
      const bytes = rows([[int(1)], [], { deletion: deletionAt(OLD) }], [[int(2)], [], { deletion: deletionAt() }]);
      expect(names(read([bytes], { lateBefore, stages: { ...drop, tombstones: true } }))).to.deep.equal(['d1 {"k":1,"c":2}', 'null {"k":1,"c":2}']);
    });
  });

  describe('that repeat others', () => {
    class Known implements KnownChanges {
      readonly digests = new Set<string>();
      has(digest: string): boolean { return this.digests.has(digest); }
      add(digest: string): void { this.digests.add(digest); }
    }
    const both = rows([[int(1)], [v('x')]], [[int(2)], [v('y')]]);
    const one = rows([[int(1)], [v('x')]]);

    it('are dropped one by one, and are known from the first time on', () => {
      const outcome = read([one, both, both], { stages: { repeats: new Known() } });
      expect(names(outcome)).to.deep.equal(['u0 {"k":1,"c":1}', 'u1 {"k":1,"c":2}']);
      expect(outcome).to.deep.include({ skipped: { repeat: 3 }, counted: { c: 0, u: 2, d: 0 } });
    });

    it('are not those of an entry that was kept aside, for a column that the schema does not have', () => {
      const grown = { ...users, regulars: [...users.regulars, column('w', scalar('int'))] };
      const bytes = mutation(update(orders, [int(1)], { items: [row([int(1)], [v('x')])] }), update(grown, [int(1)], { items: [row([], [data(grown, 'w', [live(int(1))])])] }));
      const known = new Known();
      const { reader } = readerOf({ stages: { repeats: known }, lateBefore: Number.MAX_SAFE_INTEGER });
      const [section] = memoryLog(SEGMENT, [bytes]).sections;
      reader.open(section, 0);
      expect([...reader.chunk()].flatMap(({ records }) => records)).to.deep.equal([]);
      expect(reader.stumble?.kind).to.equal('unknown');
      reader.entry.remembered(reader.frames, section.segment.descriptor);
      expect([...known.digests]).to.deep.equal([]);
      expect(reader.entry.late).to.equal(0);
    });

    it('are not those of an entry that was another node\'s when it was passed before this start', () => {
      const ends = read([one, one]).ends;
      for (const [wasOurs, published] of [[false, 1], [true, 0]] as const) {
        const stages = { repeats: new Known(), surelyPublished: () => wasOurs };
        expect(names(read([one, one], { stages, reader: { published: ends[0] } })), String(wasOurs)).to.have.length(published);
      }
    });

    it('are published of an entry that fills more than a transaction', () => {
      expect(names(read([one, both], { stages: { repeats: new Known(), transaction: () => ({ maxEvents: 1, maxBytes: 1 << 20 }) } }))).to.have.length(3);
    });
  });
});
