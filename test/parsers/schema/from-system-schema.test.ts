import { expect } from 'chai';
import { replicationFromRows, SchemaError, schemaFromRows, type SystemSchemaRows } from '../../../parsers/schema/from-system-schema.js';
import { parseTimestamp } from '../../../parsers/schema/system-schema-row.js';
import type { ColumnMetadata, TableMetadata } from '../../../parsers/schema/table-metadata.js';

const ID = '5a1c395e-b41f-11e5-9f22-ba0be0483c18';
const AT = { keyspace_name: 'shop', table_name: 'orders' };
const TABLE = { ...AT, id: ID, flags: ['compound'], cdc: true };
const KEY = { ...AT, column_name: 'id', column_name_bytes: '0x6964', kind: 'partition_key', position: 0, clustering_order: 'none', type: 'int' };

function column(name: string, type: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const bytes = '0x' + Buffer.from(name).toString('hex');
  return { ...AT, column_name: name, column_name_bytes: bytes, kind: 'regular', position: -1, clustering_order: 'none', type, ...more };
}

function tableOf(columns: readonly unknown[], more: Partial<SystemSchemaRows> = {}): TableMetadata {
  return schemaFromRows({ tables: [TABLE], columns: [KEY, ...columns], ...more })[0];
}

function names(columns: readonly ColumnMetadata[]): string[] {
  return columns.map((one) => one.name);
}

/** Microseconds of a dropped time. */
function micros(one: ColumnMetadata | undefined): bigint | null {
  const time = one?.droppedTime ?? null;
  return time === null ? null : (BigInt(time.hi) << 32n) | BigInt(time.lo >>> 0);
}

describe('tables from system_schema', () => {
  it('columns by kind, keys by position, the others simple before complex and by name bytes', () => {
    const table = tableOf([
      column('zz', 'text'), column('ma', 'map<text, int>'), column('b', 'frozen<list<int>>'), column('é', 'int'), column('s', 'int', { kind: 'static' }),
      column('c2', 'text', { kind: 'clustering', position: 1, clustering_order: 'desc' }), column('c1', 'timestamp', { kind: 'clustering', position: 0, clustering_order: 'asc' }),
      column('k2', 'uuid', { kind: 'partition_key', position: 1 }),
    ]);
    expect(names(table.partitionKey)).to.deep.equal(['id', 'k2']);
    expect(names(table.clustering)).to.deep.equal(['c1', 'c2']);
    expect(names(table.statics)).to.deep.equal(['s']);
    expect(names(table.regulars)).to.deep.equal(['b', 'zz', 'é', 'ma']);
    expect(table.clustering.map((one) => one.type.isReversed)).to.deep.equal([false, true]);
    expect(table.clustering[1].type.className).to.equal('org.apache.cassandra.db.marshal.ReversedType(org.apache.cassandra.db.marshal.UTF8Type)');
    expect(table.regulars.map((one) => one.isComplex)).to.deep.equal([false, false, false, true]);
    expect(table.regulars[0].position).to.equal(-1);
    expect([table.keyspace, table.name, table.id, table.isCdc, table.isCounter, table.isView]).to.deep.equal(['shop', 'orders', ID, true, false, false]);
    expect(table.idBytes.toString('hex')).to.equal(ID.replaceAll('-', ''));
  });

  it('rows may be objects, JSON texts or the column [json]', () => {
    const wrap = (row: unknown): unknown => ({ '[json]': JSON.stringify(row) });
    const [plain] = schemaFromRows({ tables: [TABLE], columns: [KEY, column('v', 'text')] });
    const [texts] = schemaFromRows({ tables: [JSON.stringify(TABLE)], columns: [wrap(KEY), JSON.stringify(column('v', 'text'))] });
    expect(texts).to.deep.equal(plain);
  });

  it('user types that name each other in any order, with any name', () => {
    const type = (name: string, fields: Readonly<Record<string, string>>): unknown => ({ keyspace_name: 'shop', type_name: name, field_names: Object.keys(fields), field_types: Object.values(fields) });
    const types = [type('a', { x: 'frozen<"B b">', y: 'frozen<list<frozen<c>>>' }), type('B b', { z: 'frozen<c>' }), type('c', { Q: 'int' }), { ...type('c', { other: 'text' }) as object, keyspace_name: 'elsewhere' }];
    const table = tableOf([column('u', 'a'), column('f', 'frozen<a>'), column('l', 'list<frozen<"B b">>')], { types });
    expect(table.column('u')?.isComplex).to.equal(true);
    expect(table.column('f')?.isComplex).to.equal(false);
    expect(table.column('f')?.type.className).to.equal('org.apache.cassandra.db.marshal.FrozenType(org.apache.cassandra.db.marshal.UserType(shop,61,'
      + '78:org.apache.cassandra.db.marshal.UserType(shop,422062,7a:org.apache.cassandra.db.marshal.UserType(shop,63,51:org.apache.cassandra.db.marshal.Int32Type)),'
      + '79:org.apache.cassandra.db.marshal.ListType(org.apache.cassandra.db.marshal.UserType(shop,63,51:org.apache.cassandra.db.marshal.Int32Type))))');
  });

  it('dropped columns: gone, or added again with the time of the drop', () => {
    const dropped = [
      { ...AT, column_name: 'gone', dropped_time: '2026-11-22 10:00:00.123Z', kind: 'static', type: 'frozen<tuple<int, text>>' },
      { ...AT, column_name: 'back', dropped_time: 1795341600123, kind: 'regular', type: 'text' },
      { ...AT, column_name: 'old', dropped_time: '2016-01-01T00:00:00Z', type: 'map<int, int>' },
    ];
    const table = tableOf([column('back', 'text'), column('other', 'text')], { dropped_columns: dropped });
    expect(names(table.dropped)).to.deep.equal(['gone', 'old']);
    expect(table.dropped.map((one) => [one.kind, one.isDropped, one.isComplex])).to.deep.equal([['static', true, false], ['regular', true, true]]);
    const at = BigInt(Date.UTC(2026, 10, 22, 10, 0, 0, 123)) * 1000n;
    expect(micros(table.dropped[0])).to.equal(at);
    expect(micros(table.column('back'))).to.equal(1795341600123000n);
    expect(table.column('back')?.isDropped).to.equal(false);
    expect(micros(table.column('other'))).to.equal(null);
    expect(table.columnByNameBytes(Buffer.from('xoldx'), 1, 4)?.isDropped).to.equal(true);
  });

  it('timestamps as Cassandra, ISO 8601 and offsets write them', () => {
    const at = Date.UTC(2026, 10, 22, 10, 0, 0, 120);
    for (const text of ['2026-11-22 10:00:00.120Z', '2026-11-22T10:00:00.12Z', '2026-11-22 12:00:00.120+0200', '2026-11-22T05:30:00.120000-04:30', '2026-11-22 10:00:00.120', String(at)]) {
      expect(parseTimestamp(text), text).to.equal(at);
    }
    expect(parseTimestamp('1969-12-31 23:59:59.999Z')).to.equal(-1);
    expect(parseTimestamp('yesterday')).to.be.NaN;
  });

  it('counter tables, views and compact tables', () => {
    const counter = schemaFromRows({ tables: [{ ...TABLE, flags: ['compound', 'counter'], cdc: null }], columns: [KEY, column('n', 'counter')] })[0];
    expect([counter.isCounter, counter.isCdc, counter.regulars[0].type.isCounter]).to.deep.equal([true, false, true]);
    const view = schemaFromRows({ tables: [], views: [{ keyspace_name: 'shop', view_name: 'orders', id: ID, base_table_name: 'o' }], columns: [KEY] })[0];
    expect([view.name, view.isView]).to.deep.equal(['orders', true]);
    const dense = schemaFromRows({ tables: [{ ...TABLE, flags: ['dense'] }], columns: [KEY, column('value', 'empty')] })[0];
    expect(dense.regulars[0].type.valueLengthIfFixed).to.equal(0);
    const superTable = schemaFromRows({ tables: [TABLE], columns: [KEY, column('', 'map<blob, counter>')] })[0];
    expect(superTable.regulars[0].isComplex).to.equal(true);
  });

  it('names are what column_name_bytes says', () => {
    const table = tableOf([column('\ufffd', 'int', { column_name_bytes: '0xff00' })]);
    expect(table.columnByNameBytes(Buffer.from([1, 0xff, 0x00]), 1, 3)?.name).to.equal('\ufffd');
  });

  it('replication by keyspace', () => {
    const replication = { class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', dc1: '3' };
    const rows = { keyspaces: [{ keyspace_name: 'shop', durable_writes: true, replication }], tables: [], columns: [] };
    expect(replicationFromRows(rows).get('shop')).to.deep.equal(replication);
  });

  const wrong: readonly (readonly [string, SystemSchemaRows, RegExp])[] = [
    ['an unknown type', { tables: [TABLE], columns: [KEY, column('v', 'frozen<nowhere>')] }, /^shop\.orders\.v: unknown type 'nowhere'; .*system_schema\.types/],
    ['a type of another keyspace', { tables: [TABLE], columns: [KEY, column('v', 'c')], types: [{ keyspace_name: 'x', type_name: 'c', field_names: [], field_types: [] }] }, /unknown type 'c'/],
    ['a malformed type', { tables: [TABLE], columns: [KEY, column('v', 'list<')] }, /^shop\.orders\.v: malformed type 'list<'/],
    ['a type that contains itself', { tables: [TABLE], columns: [KEY, column('v', 'c')], types: [{ keyspace_name: 'shop', type_name: 'c', field_names: ['f'], field_types: ['frozen<c>'] }] }, /^shop\.c: the type contains itself/],
    ['no partition key', { tables: [TABLE], columns: [column('v', 'int')] }, /^shop\.orders: no partition key/],
    ['no columns at all', { tables: [TABLE], columns: [] }, /^shop\.orders: no partition key/],
    ['an unknown kind', { tables: [TABLE], columns: [KEY, column('v', 'int', { kind: 'compact_value' })] }, /^shop\.orders\.v: unknown kind of column 'compact_value'/],
    ['no id', { tables: [{ ...TABLE, id: undefined }], columns: [KEY] }, /^shop\.orders: id is missing; export it again/],
    ['an id that is none', { tables: [{ ...TABLE, id: 'x' }], columns: [KEY] }, /^shop\.orders: id 'x' is not a uuid/],
    ['a position that is none', { tables: [TABLE], columns: [{ ...KEY, position: 'first' }] }, /^shop\.orders\.id: position is "first", not an integer/],
    ['a time that is none', { tables: [TABLE], columns: [KEY], dropped_columns: [{ ...AT, column_name: 'x', dropped_time: 'soon', type: 'int' }] }, /^shop\.orders\.x: dropped_time is "soon", not a timestamp/],
    ['a row that is none', { tables: ['nonsense'], columns: [] }, /^system_schema\.tables: a row is not a JSON object: nonsense/],
    ['bytes that are none', { tables: [TABLE], columns: [{ ...KEY, column_name_bytes: 'id' }] }, /^shop\.orders\.id: column_name_bytes is "id", not a blob/],
  ];
  for (const [what, rows, message] of wrong) {
    it(`refuses ${what}, in one line`, () => {
      expect(() => schemaFromRows(rows)).to.throw(SchemaError, message).with.property('message').that.does.not.include('\n');
    });
  }
});
