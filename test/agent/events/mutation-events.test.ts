/** What statements become, expected by hand from their meaning. */
import { expect } from 'chai';
import type { UpdateModel } from '../../helpers/model.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { list, map, set, userType } from '../../helpers/type-models.js';
import { collect } from './collect.js';
import { NOW, TS, bigint, column, data, deletionAt, expiring, inserted, int, live, marker, mutation, row, scalar, table, text, tombstone, update } from './log.js';

const address = { keyspace: 'shop', name: 'address', fields: [{ name: 'street', type: scalar('text') }, { name: 'City', type: scalar('text') }] };
const orders = table({
  name: 'orders',
  key: [column('customer', scalar('int'))],
  clustering: [column('id', scalar('int'))],
  statics: [column('credit', scalar('int'))],
  regulars: [
    column('amount', scalar('int')), column('note', scalar('text')), column('status', scalar('text')),
    column('home', userType(address, false)), column('items', map(scalar('int'), scalar('text'), false)),
    column('log', list(scalar('text'), false)), column('tags', set(scalar('text'), false)),
  ],
});
const readings = table({
  name: 'readings', key: [column('site', scalar('text')), column('day', scalar('int'))],
  clustering: [column('a', scalar('int')), column('b', scalar('int'), { reversed: true })], regulars: [column('v', scalar('int'))],
});
const notes = table({ name: 'notes', key: [column('k', scalar('int'))], regulars: [column('v', scalar('int'))] });
const KEY = [int(42)];
const ID = Buffer.from('464d80c0e6a611f199a34baeb5e27ea1', 'hex');

const TABLES = tablesOf({ keyspaces: ['shop'], userTypes: [address], tables: [orders, readings, notes] });

interface Parsed {
  readonly op: string;
  readonly scope: string;
  readonly key: unknown;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The events of one mutation. */
function run(...updates: readonly UpdateModel[]): Parsed[] {
  return collect(TABLES, [mutation(...updates)]).events.map(({ op, scope, value, key }) => ({ op, scope, key: JSON.parse(key) as unknown, value: JSON.parse(value) as Parsed['value'] }));
}

/** The events of rows in one partition of orders. */
const ofRows = (...items: UpdateModel['items']): Parsed[] => run(update(orders, KEY, { items }));
const indexOf = ({ value }: Parsed): number => (value['source'] as { index: number }).index;

describe('change events', () => {
  describe('of rows', () => {
    it('INSERT: c, with the row marker and the columns that it names', () => {
      const [event] = ofRows(row([int(7)], [data(orders, 'note', [tombstone()]), data(orders, 'status', [live(text('paid'))])], inserted));
      expect(event.op).to.equal('c');
      expect(event.key).to.deep.equal({ customer: 42, id: 7 });
      expect(event.value).to.deep.include({ op: 'c', scope: 'row', ts_us: Number(TS), after: { customer: 42, id: 7, note: null, status: 'paid' }, row: { ts_us: Number(TS) }, cells: null, range: null });
    });

    it('INSERT of the key alone: c, with the key columns', () => {
      const [event] = ofRows(row([int(7)], [], inserted));
      expect(event.value).to.deep.include({ op: 'c', after: { customer: 42, id: 7 }, row: { ts_us: Number(TS) } });
    });

    it('INSERT USING TTL: the marker and every cell expire', () => {
      const [event] = ofRows(row([int(7)], [data(orders, 'status', [expiring(text('new'), 60)])], { liveness: { timestamp: TS, ttl: 60, localExpirationTime: NOW + 60 } }));
      const times = { ts_us: Number(TS), ttl: 60, expires_at: NOW + 60 };
      expect(event.value).to.deep.include({ row: times, cells: { status: times } });
    });

    it('UPDATE: u, without a row marker', () => {
      const [event] = ofRows(row([int(7)], [data(orders, 'status', [live(text('paid'))])]));
      expect(event.value).to.deep.include({ op: 'u', scope: 'row', after: { customer: 42, id: 7, status: 'paid' }, row: null, cells: null });
    });

    it('two UPDATEs USING TIMESTAMP in a batch: ts_us is the greatest, the other stands in cells', () => {
      const [event] = ofRows(row([int(7)], [data(orders, 'note', [live(text('old'), { timestamp: TS - 5n })]), data(orders, 'status', [live(text('new'))])]));
      expect(event.value).to.deep.include({ ts_us: Number(TS), cells: { note: { ts_us: Number(TS - 5n) } } });
    });

    it('DELETE of a row: d, with the key and the deletion', () => {
      const [event] = ofRows(row([int(7)], [], { deletion: deletionAt() }));
      expect(event.value).to.deep.include({ op: 'd', scope: 'row', after: { customer: 42, id: 7 }, row: { ts_us: Number(TS), local_delete_time: NOW }, cells: null, range: null });
    });

    it('DELETE and a later INSERT in one batch: d, then c', () => {
      const events = ofRows(row([int(7)], [data(orders, 'status', [live(text('again'))])], { ...inserted, deletion: deletionAt(TS - 1n) }));
      expect(events.map((event) => [event.op, event.value['ts_us'], indexOf(event)])).to.deep.equal([['d', Number(TS - 1n), 0], ['c', Number(TS), 1]]);
      expect(events[1].value).to.deep.include({ after: { customer: 42, id: 7, status: 'again' }, row: { ts_us: Number(TS) } });
    });

    it('DELETE of a column: u, with null', () => {
      const [event] = ofRows(row([int(7)], [data(orders, 'status', [tombstone()])]));
      expect(event.value).to.deep.include({ op: 'u', after: { customer: 42, id: 7, status: null } });
    });

    it('an empty text and an empty int are "", and no null', () => {
      const [event] = ofRows(row([int(7)], [data(orders, 'note', [live(text(''))]), data(orders, 'amount', [live(Buffer.alloc(0))])].reverse()));
      expect(event.value['after']).to.deep.equal({ customer: 42, id: 7, amount: '', note: '' });
    });
  });

  describe('of static rows and partitions', () => {
    it('static columns: scope static, keyed by the partition key', () => {
      const [event] = run(update(orders, KEY, { staticRow: row([], [data(orders, 'credit', [live(int(100))])]) }));
      expect(event.key).to.deep.equal({ customer: 42 });
      expect(event.value).to.deep.include({ op: 'u', scope: 'static', after: { customer: 42, credit: 100 }, row: null });
    });

    it('DELETE of a partition: d, scope partition', () => {
      const [event] = run(update(orders, KEY, { deletion: deletionAt() }));
      expect(event.key).to.deep.equal({ customer: 42 });
      expect(event.value).to.deep.include({ op: 'd', scope: 'partition', after: { customer: 42 }, row: { ts_us: Number(TS), local_delete_time: NOW } });
    });

    it('partition deletion, static row and rows of one mutation come in this order, numbered over all tables', () => {
      const full = update(orders, KEY, {
        deletion: deletionAt(TS - 1n), staticRow: row([], [data(orders, 'credit', [live(int(1))])]),
        items: [row([int(1)], [], inserted), row([int(2)], [], { deletion: deletionAt() })],
      });
      const events = run(full, update(notes, KEY, { deletion: deletionAt() }));
      expect(events.map((event) => [event.op, event.scope, (event.value['source'] as { table: string }).table, indexOf(event)])).to.deep.equal([
        ['d', 'partition', 'orders', 0], ['u', 'static', 'orders', 1], ['c', 'row', 'orders', 2], ['d', 'row', 'orders', 3], ['d', 'partition', 'notes', 4],
      ]);
    });

    it('a partition key of several columns is taken apart', () => {
      const [event] = run(update(readings, [text('roof'), int(20)], { items: [row([int(1), int(2)], [data(readings, 'v', [live(int(3))])])] }));
      expect(event.key).to.deep.equal({ site: 'roof', day: 20, a: 1, b: 2 });
    });
  });

  describe('of ranges', () => {
    const range = (...items: UpdateModel['items']): unknown[] => ofRows(...items).map(({ op, scope, value }) => (scope === 'range' ? value['range'] : op));

    it('id >= 3: the other side is open', () => {
      expect(range(marker('INCL_START_BOUND', [int(3)], { open: deletionAt() }), marker('INCL_END_BOUND', [], { close: deletionAt() }))).to.deep.equal([
        { start: { values: [3], inclusive: true }, end: { values: [], inclusive: true } },
      ]);
    });

    it('id > 3 AND id < 9: both exclusive, keyed by the partition key', () => {
      const events = ofRows(marker('EXCL_START_BOUND', [int(3)], { open: deletionAt() }), marker('EXCL_END_BOUND', [int(9)], { close: deletionAt() }));
      expect(events.map(({ key, op, value }) => [key, op, value['after'], value['row'], value['range']])).to.deep.equal([[
        { customer: 42 }, 'd', { customer: 42 }, { ts_us: Number(TS), local_delete_time: NOW },
        { start: { values: [3], inclusive: false }, end: { values: [9], inclusive: false } },
      ]]);
    });

    it('two adjacent ranges: a boundary closes one and opens the next', () => {
      const later = deletionAt(TS + 1n);
      const events = ofRows(
        marker('INCL_START_BOUND', [int(1)], { open: deletionAt() }),
        marker('EXCL_END_INCL_START_BOUNDARY', [int(5)], { close: deletionAt(), open: later }),
        marker('INCL_END_EXCL_START_BOUNDARY', [int(7)], { close: later, open: deletionAt() }),
        marker('EXCL_END_BOUND', [int(9)], { close: deletionAt() }),
      );
      expect(events.map(({ value }) => [value['ts_us'], value['range']])).to.deep.equal([
        [Number(TS), { start: { values: [1], inclusive: true }, end: { values: [5], inclusive: false } }],
        [Number(TS + 1n), { start: { values: [5], inclusive: true }, end: { values: [7], inclusive: true } }],
        [Number(TS), { start: { values: [7], inclusive: false }, end: { values: [9], inclusive: false } }],
      ]);
    });

    it('a range comes before the rows inside it', () => {
      expect(range(
        row([int(1)], [], inserted),
        marker('INCL_START_BOUND', [int(2)], { open: deletionAt(TS - 9n) }), row([int(3)], [], inserted), marker('INCL_END_BOUND', [int(4)], { close: deletionAt(TS - 9n) }),
        row([int(5)], [], inserted),
      )).to.deep.equal(['c', { start: { values: [2], inclusive: true }, end: { values: [4], inclusive: true } }, 'c', 'c']);
    });

    it('a range that never ends is counted, the rest is told', () => {
      const { events, tally } = collect(TABLES, [mutation(update(orders, KEY, { items: [marker('INCL_START_BOUND', [int(2)], { open: deletionAt() }), row([int(3)], [], inserted)] }))]);
      expect(events.map(({ op }) => op)).to.deep.equal(['c']);
      expect(tally.skipped.get('unclosed_range')).to.deep.equal(new Map([['shop.orders', 1]]));
    });

    const OF_DESC = [
      // b DESC: b > 5 ends at 5 in the table's order, and begins there in that of values.
      { cql: 'a = 1 AND b > 5', from: ['INCL_START_BOUND', [1]], to: ['EXCL_END_BOUND', [1, 5]], start: [[1, 5], false], end: [[1], true] },
      { cql: 'a = 1 AND b <= 5', from: ['INCL_START_BOUND', [1, 5]], to: ['INCL_END_BOUND', [1]], start: [[1], true], end: [[1, 5], true] },
      { cql: 'a = 1 AND b >= 2 AND b < 8', from: ['EXCL_START_BOUND', [1, 8]], to: ['INCL_END_BOUND', [1, 2]], start: [[1, 2], true], end: [[1, 8], false] },
      { cql: 'a = 1', from: ['INCL_START_BOUND', [1]], to: ['INCL_END_BOUND', [1]], start: [[1], true], end: [[1], true] },
      { cql: 'a > 1 AND a < 4', from: ['EXCL_START_BOUND', [1]], to: ['EXCL_END_BOUND', [4]], start: [[1], false], end: [[4], false] },
    ] as const;
    for (const { cql, from, to, start, end } of OF_DESC) {
      it(`${cql}, b in DESC order: bounds in the order of values`, () => {
        const items = [marker(from[0], from[1].map(int), { open: deletionAt() }), marker(to[0], to[1].map(int), { close: deletionAt() })];
        const [event] = run(update(readings, [text('roof'), int(1)], { items }));
        expect(event.value['range']).to.deep.equal({ start: { values: start[0], inclusive: start[1] }, end: { values: end[0], inclusive: end[1] } });
      });
    }
  });

  describe('of non-frozen columns', () => {
    const delta = (name: string, cells: Parameters<typeof data>[2], wipe: Parameters<typeof data>[3] = null): unknown => {
      const [event] = ofRows(row([int(7)], [data(orders, name, cells, wipe)]));
      return (event.value['after'] as Record<string, unknown>)[name];
    };
    const assignment = deletionAt(TS - 1n);

    it('tags = {…}: overwritten, added', () => expect(delta('tags', [live(text(''), { path: text('vip') })], assignment)).to.deep.equal({ overwritten: true, added: ['vip'], removed: [] }));
    it('tags = tags + {…}: added', () => expect(delta('tags', [live(text(''), { path: text('a') }), live(text(''), { path: text('b') })])).to.deep.equal({ overwritten: false, added: ['a', 'b'], removed: [] }));
    it('tags = tags - {…}: removed', () => expect(delta('tags', [tombstone({ path: text('new') })])).to.deep.equal({ overwritten: false, added: [], removed: ['new'] }));
    it('tags = {}, and DELETE tags: overwritten with nothing', () => {
      expect(delta('tags', [], assignment)).to.deep.equal({ overwritten: true, added: [], removed: [] });
      expect(delta('tags', [], deletionAt())).to.deep.equal({ overwritten: true, added: [], removed: [] });
    });
    it('items[1] = …, and DELETE items[2]: put, removed, keys as strings', () => {
      expect(delta('items', [live(text('one'), { path: int(1) }), tombstone({ path: int(2) })])).to.deep.equal({ overwritten: false, put: { 1: 'one' }, removed: ['2'] });
    });
    it('log = log + […]: put with the ids of the elements', () => {
      expect(delta('log', [live(text('x'), { path: ID })])).to.deep.equal({ overwritten: false, put: [{ id: '464d80c0-e6a6-11f1-99a3-4baeb5e27ea1', value: 'x' }], removed: [] });
    });
    it('DELETE log[0]: the id of what was removed', () => {
      expect(delta('log', [tombstone({ path: ID })])).to.deep.equal({ overwritten: false, put: [], removed: ['464d80c0-e6a6-11f1-99a3-4baeb5e27ea1'] });
    });
    it('home.street = …, home."City" = null: put and removed by field', () => {
      expect(delta('home', [live(text('1 Navy Yard'), { path: Buffer.of(0, 0) }), tombstone({ path: Buffer.of(0, 1) })])).to.deep.equal({ overwritten: false, put: { street: '1 Navy Yard' }, removed: ['"City"'] });
    });
    it('times of elements stand in cells, by element', () => {
      const cells = [live(text(''), { path: text('a'), timestamp: TS - 3n }), expiring(text(''), 60, { path: text('b') }), live(text(''), { path: text('c') })];
      const [event] = ofRows(row([int(7)], [data(orders, 'tags', cells, deletionAt(TS - 7n))]));
      expect(event.value['cells']).to.deep.equal({
        tags: { overwritten: { ts_us: Number(TS - 7n) }, elements: { a: { ts_us: Number(TS - 3n) }, b: { ts_us: Number(TS), ttl: 60, expires_at: NOW + 60 } } },
      });
    });
    it('of the wipe of an assignment nothing stands in cells', () => {
      const [event] = ofRows(row([int(7)], [data(orders, 'status', [live(text('x'))]), data(orders, 'tags', [live(text(''), { path: text('a') })], assignment)]));
      expect(event.value['cells']).to.equal(null);
    });
  });

  describe('of what Cassandra hides', () => {
    const at = TS;
    const dropped = table({
      name: 'gone', key: [column('k', scalar('int'))],
      regulars: [column('back', scalar('int'), { droppedTime: at }), column('old', scalar('int'), { droppedTime: at, isDropped: true }), column('v', scalar('int'))],
    });
    const tables = tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [dropped] });
    const cellsAt = (ts: bigint, ...names: readonly string[]): Buffer =>
      mutation(update(dropped, KEY, { items: [row([], names.map((name) => data(dropped, name, [live(int(1), { timestamp: ts })])))] }));

    it('cells from before a column was dropped don\'t show; later ones do, whether or not it came back', () => {
      const after = (bytes: Buffer): unknown => (JSON.parse(collect(tables, [bytes]).events[0].value) as { after: unknown }).after;
      expect(after(cellsAt(at, 'back', 'old', 'v'))).to.deep.equal({ k: 42, v: 1 });
      // A write that was acknowledged while the column was being dropped.
      expect(after(cellsAt(at + 1n, 'back', 'old', 'v'))).to.deep.equal({ k: 42, back: 1, old: 1, v: 1 });
    });

    it('a row of nothing else is no event, and is counted', () => {
      const { events, tally } = collect(tables, [cellsAt(at, 'old'), cellsAt(at, 'v')]);
      expect(events).to.have.length(1);
      expect(tally.skipped.get('nothing_left')).to.deep.equal(new Map([['shop.gone', 1]]));
    });
  });

  it('prints 64-bit times to the last digit', () => {
    const wide = table({ name: 'wide', key: [column('k', scalar('bigint'))], regulars: [column('v', scalar('bigint'))] });
    const tables = tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [wide] });
    for (const ts of [-(2n ** 63n) + 1n, -1n, 0n, 2n ** 53n + 1n, 2n ** 63n - 1n]) {
      const cells = [data(wide, 'v', [live(bigint(ts), { timestamp: ts })])];
      const [{ value, timestamp }] = collect(tables, [mutation(update(wide, [bigint(ts)], { items: [row([], cells)] }))]).events;
      expect(value).to.contain(`"ts_us":${ts},"after":{"k":${ts},"v":${ts}}`);
      expect(timestamp).to.equal(ts < 0n ? 0 : Number(ts / 1000n));
    }
  });
});
