/** The envelope, to the letter. */
import { expect } from 'chai';
import { CASSANDRA_JSON, CorruptError } from '../../../parsers/index.js';
import { murmur2, toPositive } from '../../../agent/serializer/murmur2.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { collect } from '../events/collect.js';
import { NOW, TS, bigint, column, data, deletionAt, expiring, int, live, marker, mutation, row, scalar, table, text, update } from '../events/log.js';

const orders = table({
  name: 'orders', key: [column('customer', scalar('int'))], clustering: [column('id', scalar('int'))],
  regulars: [column('Total', scalar('bigint')), column('note', scalar('blob')), column('status', scalar('text'))],
});
const tables = tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [orders] });
const one = (...items: Parameters<typeof row>[1]): Buffer => mutation(update(orders, [int(42)], {
  items: [row([int(7)], items, { liveness: { timestamp: TS, ttl: 3600, localExpirationTime: NOW + 3600 } })],
}));

describe('JSON envelope', () => {
  it('has the fields of EVENTS.md in their order', () => {
    const cells = [data(orders, 'status', [expiring(text('paid'), 60, { timestamp: TS - 112_000n })])];
    const [{ value, key, id, topic }] = collect(tables, [one(...cells)]).events;
    expect(value).to.equal(
      `{"id":"${id}","op":"c","scope":"row","ts_us":1795360528612000,"after":{"customer":42,"id":7,"status":"paid"},` +
      `"row":{"ts_us":1795360528612000,"ttl":3600,"expires_at":1795364128},` +
      `"cells":{"status":{"ts_us":1795360528500000,"ttl":60,"expires_at":1795360588}},"range":null,` +
      `"source":{"version":"1.0.0","cluster":null,"datacenter":null,"host_id":null,"keyspace":"shop","table":"orders","table_id":"${orders.id}",` +
      `"segment":"1795360528612","position":1000,"index":0,"token":"-7160136740246525330","snapshot":false},"ts_ms":1795360528700}`,
    );
    expect([key, topic]).to.deep.equal(['{"customer":42,"id":7}', 'cdc.shop.orders']);
  });

  it('has the same fields in every kind of event', () => {
    const shapes = collect(tables, [
      one(), mutation(update(orders, [int(1)], { deletion: deletionAt(), items: [row([int(1)], [], { deletion: deletionAt() }),
        marker('INCL_START_BOUND', [int(2)], { open: deletionAt() }), marker('INCL_END_BOUND', [], { close: deletionAt() })] })),
    ]).events.map(({ value }) => Object.keys(JSON.parse(value) as object));
    expect(shapes).to.have.length(4);
    for (const shape of shapes) expect(shape).to.deep.equal(['id', 'op', 'scope', 'ts_us', 'after', 'row', 'cells', 'range', 'source', 'ts_ms']);
  });

  it('names columns as they are, and values by the options', () => {
    const cells = [data(orders, 'Total', [live(bigint(2n ** 53n + 1n))]), data(orders, 'note', [live(Buffer.of(1, 255))])];
    const after = (values = CASSANDRA_JSON): string => /"after":(\{[^}]*\})/.exec(collect(tables, [one(...cells)], { values }).events[0].value)?.[1] ?? '';
    expect(after()).to.equal('{"customer":42,"id":7,"Total":9007199254740993,"note":"0x01ff"}');
    expect(after({ ...CASSANDRA_JSON, int64: 'string', blob: 'base64' })).to.equal('{"customer":42,"id":7,"Total":"9007199254740993","note":"Af8="}');
  });

  it('gives every event of a partition the partition of its partition key', () => {
    const { events } = collect(tables, [one(), mutation(update(orders, [int(42)], { deletion: deletionAt() }))]);
    const expected = toPositive(murmur2(Buffer.from('{"customer":42}'), 0, 15));
    expect(events.map(({ partitionHint }) => partitionHint)).to.deep.equal([expected, expected]);
  });

  it('carries the write time in milliseconds', () => expect(collect(tables, [one()]).events[0].timestamp).to.equal(1795360528612));

  it('refuses a value that is none of its type, with the place', () => {
    const bytes = one(data(orders, 'note', [live(Buffer.of(1, 2, 3))]));
    const declared = tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [{ ...orders, regulars: orders.regulars.map((each) => (each.name === 'note' ? { ...each, type: scalar('smallint') } : each)) }] });
    expect(() => collect(declared, [bytes])).to.throw(CorruptError, /a value of shop\.orders in the entry before position 1000 is not of its column's type/).with.property('code', 'value_invalid');
  });
});
