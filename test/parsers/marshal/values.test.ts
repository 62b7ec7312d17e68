/** Values by hand, from the CQL reference and the native protocol's serialization formats. */
import { expect } from 'chai';
import fc from 'fast-check';
import { CASSANDRA_JSON, type JsonOptions, MarshalError } from '../../../parsers/marshal/abstract-type.js';
import { parseClassName } from '../../../parsers/marshal/type-parser.js';
import { parseCqlType } from '../../../parsers/schema/cql-type.js';
import { anyType, damaged, hex } from '../../helpers/value-generators.js';

function json(cql: string, bytes: string, options: Partial<JsonOptions> = {}): string {
  const value = Buffer.concat([hex('aa'), hex(bytes), hex('bb')]);
  const type = parseCqlType(cql);
  type.validate(value, 1, value.length - 1);
  return type.toJson(value, 1, value.length - 1, { ...CASSANDRA_JSON, ...options });
}

function expectInvalid(cql: string, bytes: string): void {
  const value = hex(bytes);
  const type = parseCqlType(cql);
  expect(() => { type.validate(value, 0, value.length); }, `${cql} ${bytes}`).to.throw(MarshalError);
}

describe('values', () => {
  const examples: readonly (readonly [string, string, string])[] = [
    ['int', 'ffffffff', '-1'], ['int', '', '""'], ['smallint', '8000', '-32768'], ['tinyint', '7f', '127'],
    ['bigint', '8000000000000000', '-9223372036854775808'], ['bigint', '0020000000000001', '9007199254740993'],
    ['varint', '0100000000000000000000', '1208925819614629174706176'], ['varint', 'ff7f', '-129'],
    ['decimal', '000000023039', '123.45'], ['decimal', 'fffffffe07', '7E+2'], ['decimal', '0000000701', '1E-7'], ['decimal', '0000000601', '0.000001'],
    ['double', '3ff0000000000000', '1.0'], ['double', '408f400000000000', '1000.0'], ['double', '416312d000000000', '1.0E7'], ['double', '7ff8000000000000', '"NaN"'], ['double', 'fff0000000000000', '"-Infinity"'],
    ['double', '8000000000000000', '-0.0'], ['double', '0000000000000001', '4.9E-324'], ['float', '3dcccccd', '0.1'], ['float', '00000001', '1.4E-45'], ['float', '7f7fffff', '3.4028235E38'],
    ['text', '', '""'], ['text', 'c3bc22', '"ü\\""'], ['ascii', '61', '"a"'], ['blob', '', '"0x"'], ['blob', 'CAFE', '"0xcafe"'],
    ['boolean', '00', 'false'], ['boolean', '01', 'true'], ['boolean', '', '""'],
    ['timestamp', '000001a202b2c500', '"2026-11-22 10:00:00.000Z"'], ['timestamp', 'ffffffffffffffff', '"1969-12-31 23:59:59.999Z"'], ['timestamp', '0000e677d21fdc00', '"+10000-01-01 00:00:00.000Z"'],
    ['date', '80000000', '"1970-01-01"'], ['date', '00000000', '"-5877641-06-23"'], ['date', 'ffffffff', '"+5881580-07-11"'], ['date', '80000b25', '"1977-10-24"'],
    ['time', '000000001dcd6501', '"00:00:00.500000001"'], ['time', '00004e94914effff', '"23:59:59.999999999"'],
    ['duration', '021804', '"1mo12d2ns"'], ['duration', '180000', '"1y"'], ['duration', '010100', '"-1mo1d"'], ['duration', '000000', '""'],
    ['uuid', '5a1c395eb41f41e59f22ba0be0483c18', '"5a1c395e-b41f-41e5-9f22-ba0be0483c18"'],
    ['inet', 'c0a80001', '"192.168.0.1"'], ['inet', '20010db8000000000000000000000001', '"2001:db8:0:0:0:0:0:1"'], ['inet', '00000000000000000000ffffc0a80001', '"192.168.0.1"'],
    ['frozen<list<int>>', '00000002 00000004 00000001 00000004 00000002', '[1, 2]'], ['frozen<set<text>>', '00000000', '[]'],
    ['frozen<map<int, text>>', '00000001 00000004 00000007 00000001 61', '{"7": "a"}'],
    ['frozen<map<frozen<list<text>>, boolean>>', '00000001 0000000a 00000001 00000002 6122 00000001 01', '{"[\\"a\\\\\\"\\"]": true}'],
    ['frozen<tuple<int, text>>', 'ffffffff 00000001 61', '[null, "a"]'], ['frozen<tuple<int, text>>', '00000004 00000001', '[1, null]'],
    ['vector<float, 2>', '3f800000 bf000000', '[1.0, -0.5]'], ['vector<text, 2>', '0161 00', '["a", ""]'], ['vector<text, 4>', '80000000', '["", "", "", ""]'], ['empty', '', '""'],
    ['\'com.acme.Mine\'', '0102', '"0x0102"'],
  ];
  for (const [cql, bytes, expected] of examples) {
    it(`${cql} ${bytes || '(no bytes)'} is ${expected}`, () => { expect(json(cql, bytes)).to.equal(expected); });
  }

  it('UDT fields are named as CQL names them, missing ones are null', () => {
    const type = parseClassName('UserType(ks,75,6964:Int32Type,436974:UTF8Type,7a:FrozenType(ListType(LongType)))').freeze();
    const value = hex('00000004 00000001 00000002 4141');
    type.validate(value, 0, value.length);
    expect(type.toJson(value, 0, value.length, CASSANDRA_JSON)).to.equal('{"id": 1, "\\"Cit\\"": "AA", "z": null}');
  });

  it('the options hold at every depth', () => {
    const nested = 'frozen<map<bigint, frozen<tuple<decimal, varint, blob, timestamp>>>>';
    const bytes = '00000001 00000008 0000000000000005 00000023 00000005 0000000119 00000001 07 00000001 ff 00000008 000001a202b2c500'.replace('00000023', '0000001f');
    expect(json(nested, bytes)).to.equal('{"5": [2.5, 7, "0xff", "2026-11-22 10:00:00.000Z"]}');
    expect(json(nested, bytes, { int64: 'string', decimal: 'string', blob: 'base64', timestamp: 'iso' })).to.equal('{"5": ["2.5", "7", "/w==", "2026-11-22T10:00:00.000Z"]}');
    expect(json(nested, bytes, { timestamp: 'epoch_millis' })).to.equal('{"5": [2.5, 7, "0xff", 1795341600000]}');
    expect(json('vector<bigint, 1>', '0020000000000001', { int64: 'string' })).to.equal('["9007199254740993"]');
  });

  it('ISO 8601 prints years as Date does', () => {
    fc.assert(fc.property(fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }), (millis) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(millis));
      expect(json('timestamp', bytes.toString('hex'), { timestamp: 'iso' })).to.equal(`"${new Date(millis).toISOString()}"`);
    }), { numRuns: 5000 });
  });

  it('counters: eight bytes are a count, contexts are summed', () => {
    const type = parseCqlType('counter');
    const shard = (count: string): string => '00'.repeat(16) + '00'.repeat(8) + count;
    const context = hex('0002 8000 8001' + shard('00000000ffffffff') + shard('fffffffffffffffd'));
    type.validateCellValue(context, 0, context.length);
    expect(type.toJson(context, 0, context.length, CASSANDRA_JSON)).to.equal('4294967292');
    expect(json('counter', 'ffffffffffffffff')).to.equal('-1');
    expect(() => { type.validateCellValue(context, 1, context.length); }).to.throw(MarshalError);
  });

  it('invalid values are refused', () => {
    const invalid = [
      ['int', '00'], ['bigint', '00'], ['smallint', ''], ['tinyint', ''], ['date', ''], ['time', ''], ['boolean', '0000'], ['float', '00'], ['decimal', '000000'],
      ['uuid', '00'], ['timeuuid', '00000000000040000000000000000000'], ['inet', '0000000000'], ['ascii', '80'], ['text', 'c3'], ['text', 'ff'], ['text', 'e08080'], ['duration', '0203'], ['duration', '020300'], ['empty', '00'],
      ['frozen<list<int>>', ''], ['frozen<list<int>>', '00000001'], ['frozen<list<int>>', '00000001 ffffffff'], ['frozen<list<int>>', '00000000 00'], ['frozen<list<int>>', '7fffffff 00000004 00000001'],
      ['frozen<map<int, int>>', '00000001 00000004 00000001'], ['frozen<tuple<int>>', '00000004 00000001 00'], ['frozen<tuple<int>>', '000000'], ['frozen<tuple<int>>', '00000005 00000001'],
      ['vector<float, 2>', ''], ['vector<float, 2>', '3f800000'], ['vector<float, 2>', '3f800000 3f800000 00'], ['vector<text, 1>', '0261'], ['vector<text, 1>', 'ffffffffffffffffff61'],
      // Length 0 in two bytes: Cassandra steps over one.
      ['vector<text, 3>', '80000000'],
    ] as const;
    for (const [cql, bytes] of invalid) expectInvalid(cql, bytes);
  });

  it('random values of random types are valid, and JSON', () => {
    fc.assert(fc.property(anyType(3).chain((type) => fc.tuple(fc.constant(type), type.value)), ([{ className }, bytes]) => {
      const type = parseClassName(className);
      type.validate(bytes, 0, bytes.length);
      JSON.parse(type.toJson(bytes, 0, bytes.length, CASSANDRA_JSON));
    }), { numRuns: 1000 });
  });

  it('bytes that are no value raise MarshalError and nothing else', () => {
    fc.assert(fc.property(anyType(3).chain((type) => fc.tuple(fc.constant(type), damaged(type.value))), ([{ className }, bytes]) => {
      const type = parseClassName(className);
      for (const call of [() => { type.validate(bytes, 0, bytes.length); }, () => { type.toJson(bytes, 0, bytes.length, CASSANDRA_JSON); }]) {
        try {
          call();
        } catch (error) {
          expect(error).to.be.instanceOf(MarshalError);
        }
      }
    }), { numRuns: 3000 });
  });
});
