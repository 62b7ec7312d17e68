/** `events.timestamp`: a column as the time of the record, by its type; and when the write time stands in. */
import { expect } from 'chai';
import { NO_FEATURES, type EventFeatures } from '../../../agent/serializer/event-features.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { collect } from '../events/collect.js';
import { TS, bigint, column, data, deletionAt, int, live, mutation, row, scalar, table, tombstone, update } from '../events/log.js';

const TYPES = ['timestamp', 'bigint', 'date', 'timeuuid', 'int', 'double', 'time', 'uuid', 'text', 'varint'] as const;
const times = table({
  name: 'times', key: [column('k', scalar('bigint'))], clustering: [column('c', scalar('timestamp'), { reversed: true })],
  statics: [column('s', scalar('timestamp'))], regulars: TYPES.map((type) => column(`a_${type}`, scalar(type))).sort((a, b) => (a.name < b.name ? -1 : 1)),
});
const tables = tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [times] });
const WRITE_TIME = Number(TS / 1000n);
const MS = 1_700_000_000_123n;

const written = (cells: Parameters<typeof row>[1]): Buffer => mutation(update(times, [bigint(5n)], { items: [row([bigint(6n)], cells)] }));
function timestamp(name: string, bytes: Buffer, features: Partial<EventFeatures> = {}): number {
  return collect(tables, [bytes], { features: { ...NO_FEATURES, timeColumnOf: () => name, ...features } }).events[0].timestamp;
}
const of = (type: (typeof TYPES)[number], value: Buffer): number => timestamp(`a_${type}`, written([data(times, `a_${type}`, [live(value)])]));

/** RFC 4122: steps of 100 ns since 1582-10-15 00:00 UTC, in parts low, middle, high. */
function timeuuid(steps: bigint): Buffer {
  const out = Buffer.alloc(16, 0x80);
  out.writeUInt32BE(Number(steps & 0xffffffffn), 0);
  out.writeUInt16BE(Number((steps >> 32n) & 0xffffn), 4);
  out.writeUInt16BE(Number(steps >> 48n) | 0x1000, 6);
  return out;
}
const date = (days: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(2 ** 31 + days);
  return out;
};

describe('record time', () => {
  it('is a timestamp, or a bigint of milliseconds', () => {
    expect(of('timestamp', bigint(MS))).to.equal(Number(MS));
    expect(of('bigint', bigint(MS))).to.equal(Number(MS));
  });

  it('is the midnight of a date', () => {
    expect(of('date', date(19_675))).to.equal(Date.UTC(2023, 10, 14));
  });

  it('is the millisecond of a timeuuid, to the last step of it', () => {
    const midnight = (BigInt(Date.UTC(2023, 10, 14)) - BigInt(Date.UTC(1582, 9, 15))) * 10_000n;
    for (const [steps, ms] of [[0n, 0], [9_999n, 0], [10_000n, 1], [-1n, -1], [86_399_999n * 10_000n + 9_999n, 86_399_999]] as const) {
      expect(of('timeuuid', timeuuid(midnight + steps))).to.equal(Date.UTC(2023, 10, 14) + ms);
    }
  });

  it('is the write time where the column is of another type, whatever its length', () => {
    const values = { int: int(1), double: bigint(MS), time: bigint(1n), uuid: timeuuid(10n ** 17n), text: Buffer.from('12345678'), varint: bigint(MS) };
    for (const [type, value] of Object.entries(values)) expect(of(type as keyof typeof values, value), type).to.equal(WRITE_TIME);
    expect(timestamp('nowhere', written([data(times, 'a_int', [live(int(1))])]))).to.equal(WRITE_TIME);
  });

  it('is the write time where the value is absent, null, empty, or no time', () => {
    expect(timestamp('a_timestamp', written([data(times, 'a_int', [live(int(1))])]))).to.equal(WRITE_TIME);
    expect(timestamp('a_timestamp', written([data(times, 'a_timestamp', [tombstone()])]))).to.equal(WRITE_TIME);
    expect(of('timestamp', Buffer.alloc(0))).to.equal(WRITE_TIME);
    expect(of('bigint', bigint(2n ** 63n - 1n))).to.equal(WRITE_TIME);
    expect(of('bigint', bigint(-1n))).to.equal(0);
  });

  it('may be of the key, also in DESC order, as far as the event has it; of a static column with static events', () => {
    const insert = written([data(times, 'a_int', [live(int(1))])]);
    expect([timestamp('k', insert), timestamp('c', insert)]).to.deep.equal([5, 6]);
    const partition = mutation(update(times, [bigint(5n)], { deletion: deletionAt() }));
    expect([timestamp('k', partition), timestamp('c', partition)]).to.deep.equal([5, WRITE_TIME]);
    const statics = mutation(update(times, [bigint(5n)], { staticRow: row([], [data(times, 's', [live(bigint(7n))])]) }));
    expect([timestamp('s', statics), timestamp('s', insert), timestamp('c', statics)]).to.deep.equal([7, WRITE_TIME, WRITE_TIME]);
  });

  it('tells nothing of a column that is masked', () => {
    for (const masked of ['drop', 'hash'] as const) {
      expect(timestamp('a_timestamp', written([data(times, 'a_int', [live(int(1))]), data(times, 'a_timestamp', [live(bigint(MS))])]), { maskOf: (_, name) => (name === 'a_timestamp' ? masked : 'show') })).to.equal(WRITE_TIME);
    }
  });
});
