/** How types are written, and what the reader of rows asks of them. */
import { expect } from 'chai';
import { MarshalError } from '../../../parsers/marshal/abstract-type.js';
import { parseClassName } from '../../../parsers/marshal/type-parser.js';
import { parseCqlType } from '../../../parsers/schema/cql-type.js';

describe('types', () => {
  it('only these have values of fixed length', () => {
    const lengths = { int: 4, bigint: 8, boolean: 1, double: 8, float: 4, timestamp: 8, uuid: 16, timeuuid: 16, empty: 0, 'vector<float, 3>': 12, 'vector<vector<int, 2>, 2>': 16 };
    for (const [cql, length] of Object.entries(lengths)) expect(parseCqlType(cql).valueLengthIfFixed, cql).to.equal(length);
    for (const cql of ['smallint', 'tinyint', 'date', 'time', 'counter', 'text', 'ascii', 'blob', 'decimal', 'varint', 'inet', 'duration', 'frozen<list<int>>', 'map<int, int>', 'vector<text, 2>', 'frozen<tuple<int>>']) {
      expect(parseCqlType(cql).valueLengthIfFixed, cql).to.equal(-1);
    }
    expect(parseClassName('ReversedType(LongType)').valueLengthIfFixed).to.equal(8);
    expect(parseClassName('LexicalUUIDType').valueLengthIfFixed).to.equal(16);
  });

  it('cells of multi-cell types: paths and values', () => {
    const none = Buffer.alloc(0);
    const cells = (cql: string): string[] => [parseCqlType(cql).cellPathType().cqlName, parseCqlType(cql).cellValueType(none, 0, 0).cqlName];
    expect(cells('list<text>')).to.deep.equal(['timeuuid', 'text']);
    expect(cells('set<text>')).to.deep.equal(['text', 'empty']);
    expect(cells('map<int, frozen<list<text>>>')).to.deep.equal(['int', 'frozen<list<text>>']);
    const udt = parseClassName('UserType(ks,75,61:Int32Type,62:UTF8Type)');
    expect(udt.isMultiCell).to.equal(true);
    expect(udt.cellPathType().cqlName).to.equal('smallint');
    expect(udt.cellValueType(Buffer.from([9, 0, 1]), 1, 3).cqlName).to.equal('text');
    expect(() => udt.cellValueType(Buffer.from([0, 2]), 0, 2)).to.throw(MarshalError, 'no field at position 2');
    expect(() => udt.cellValueType(Buffer.from([0]), 0, 1)).to.throw(MarshalError);
    expect(() => parseCqlType('frozen<list<int>>').cellPathType()).to.throw(MarshalError, 'not a multi-cell type');
    expect(() => parseCqlType('int').cellValueType(none, 0, 0)).to.throw(MarshalError);
  });

  it('a class of somebody else is taken for bytes', () => {
    const type = parseClassName('com.acme.Mine(a=b, c(d))');
    expect(type.className).to.equal('com.acme.Mine(a=b, c(d))');
    expect(type.cqlName).to.equal('\'com.acme.Mine(a=b, c(d))\'');
    expect(parseClassName('SetType(com.acme.Mine(x))').cqlName).to.equal('set<\'com.acme.Mine(x)\'>');
    expect(() => parseClassName('SetType(com.acme.Mine(x)')).to.throw(MarshalError, 'unexpected end');
  });

  it('malformed names are refused, however deep', () => {
    expect(() => parseClassName('NoSuchType')).to.throw(MarshalError, 'org.apache.cassandra.db.marshal.NoSuchType');
    expect(() => parseClassName('ListType('.repeat(100_000))).to.throw(MarshalError, 'nested more than 64 deep');
    expect(() => parseCqlType('frozen<'.repeat(100_000))).to.throw(MarshalError, 'nested more than 64 deep');
    expect(() => parseCqlType('list<int> x')).to.throw(MarshalError, 'expecting the end');
    expect(() => parseCqlType('list<%>')).to.throw(MarshalError, 'unexpected character');
    expect(() => parseCqlType('vector<int, 99999999999>')).to.throw(MarshalError, 'dimension');
  });
});
