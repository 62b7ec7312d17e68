/** Partition keys as people write them. The tokens of real keys are checked on a node, in ring.server.test.ts. */
import { expect } from 'chai';
import fc from 'fast-check';
import { KeyError, parseLiteral } from '../../../../agent/ring/key/literal.js';
import { partitionKeyBytes } from '../../../../agent/ring/key/partition-key.js';
import { valueBytes } from '../../../../agent/ring/key/value-bytes.js';
import { CASSANDRA_JSON, type AbstractType, type TableMetadata } from '../../../../parsers/index.js';
import { parseClassName } from '../../../../parsers/marshal/type-parser.js';
import { parseCqlType } from '../../../../parsers/schema/cql-type.js';
import { runSeed } from '../../../helpers/random.js';
import { anyType, SIMPLE_TYPES } from '../../../helpers/value-generators.js';

const seed = runSeed();

function written(type: AbstractType, text: string): string {
  return valueBytes(type, parseLiteral(text)).toString('hex');
}

/** Null when it was read, else why not. */
function refusal(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof KeyError) return error.message;
    throw error;
  }
}

function table(...columns: readonly (readonly [string, string])[]): TableMetadata {
  return { partitionKey: columns.map(([name, type]) => ({ name, type: parseCqlType(type) })) } as unknown as TableMetadata;
}

function key(of: TableMetadata, ...texts: string[]): string {
  return partitionKeyBytes(of, texts).toString('hex');
}

describe(`values of a key (CDC_SEED=${seed})`, () => {
  /** Types with more than one spelling of a value, or values that Cassandra takes and can't print. */
  const NOT_UNIQUE = new Set(['float', 'double', 'boolean', 'varint', 'decimal', 'inet', 'time', 'timestamp']);
  const NOT_WRITTEN = /EmptyType|DurationType|LexicalUUIDType|DateType\)?$/;

  it('simple types: what the events print is read back as the same bytes', () => {
    for (const { className, cqlName, extremes, value } of SIMPLE_TYPES) {
      if (NOT_WRITTEN.test(className) && !className.endsWith('SimpleDateType')) continue;
      const type = parseClassName(className);
      let same = 0;
      for (const bytes of [...extremes, ...fc.sample(value, { numRuns: 300, seed })]) {
        if (bytes.length === 0 && !['text', 'ascii', 'blob'].includes(cqlName)) continue;
        const json = type.toJson(bytes, 0, bytes.length, CASSANDRA_JSON);
        const refused = refusal(() => written(type, json));
        // Years beyond four digits in timestamps, times of a day or more: Cassandra can't read its own text either.
        if (refused !== null && ['timestamp', 'time', 'date'].includes(cqlName)) continue;
        expect(refused, `${cqlName} ${json}`).to.equal(null);
        const again = Buffer.from(written(type, json), 'hex');
        if (again.equals(bytes)) same++;
        else expect(NOT_UNIQUE.has(cqlName), `${cqlName} ${json}: ${bytes.toString('hex')} became ${again.toString('hex')}`).to.equal(true);
        expect(type.toJson(again, 0, again.length, CASSANDRA_JSON)).to.equal(json);
      }
      expect(same, `${cqlName}: values of the very same bytes`).to.be.greaterThan(cqlName === 'boolean' ? 1 : 40);
    }
  });

  it('nested types: what the events print is read back as a value that prints the same', () => {
    let read = 0;
    for (const { className, value } of fc.sample(anyType(2), { numRuns: 300, seed })) {
      const type = parseClassName(className).freeze();
      for (const bytes of fc.sample(value, { numRuns: 5, seed })) {
        const json = type.toJson(bytes, 0, bytes.length, CASSANDRA_JSON);
        if (refusal(() => written(type, json)) !== null) continue;
        const again = Buffer.from(written(type, json), 'hex');
        type.validate(again, 0, again.length);
        read++;
        // Sets and maps come in the type's order, each key once, which random bytes don't.
        if (!/SetType|MapType/.test(className)) expect(type.toJson(again, 0, again.length, CASSANDRA_JSON)).to.equal(json);
      }
    }
    expect(read).to.be.greaterThan(300);
  });

  it('are read as CQL writes them too', () => {
    const of = (cqlType: string, text: string): string => written(parseCqlType(cqlType), text);
    expect(of('text', '\'it\'\'s\'')).to.equal(Buffer.from('it\'s').toString('hex'));
    expect(of('frozen<list<int>>', '[1, -1]')).to.equal('0000000200000004000000010000000' + '4ffffffff');
    expect(of('frozen<set<int>>', '{2, -1, 2}')).to.equal('00000002' + '00000004ffffffff' + '0000000400000002');
    expect(of('frozen<map<text, int>>', '{\'b\': 1, \'a\': 2}')).to.equal('00000002' + '0000000161' + '0000000400000002' + '0000000162' + '0000000400000001');
    expect(of('frozen<tuple<int, text>>', '(1, null)')).to.equal('0000000400000001' + 'ffffffff');
    expect(of('frozen<map<text, int>>', '{}')).to.equal('00000000');
    expect(of('inet', '"::ffff:1.2.3.4"')).to.equal('01020304');
    expect(of('inet', '"1::2:0"')).to.equal('00010000000000000000000000020000');
    expect(of('decimal', '1.50')).to.equal('000000020096');
    expect(of('decimal', '-1E3')).to.equal('fffffffdff');
    expect(of('date', '1970-01-02')).to.equal('80000001');
    expect(of('timestamp', '"1970-01-01 01:00:00.001+0100"')).to.equal('0000000000000001');
    expect(of('vector<float, 2>', '[1, 0.5]')).to.equal('3f8000003f000000');
    expect(of('\'com.example.Custom\''.replace('com.example.Custom', 'org.apache.cassandra.db.marshal.LexicalUUIDType'), '0x00ff')).to.equal('00ff');
  });

  it('that can\'t be right are refused, with the reason: a wrong key has a wrong owner', () => {
    const why = (cqlType: string, text: string): string | null => refusal(() => written(parseCqlType(cqlType), text));
    expect(why('int', '2147483648')).to.equal('2147483648 does not fit into 32 bits');
    expect(why('int', '1.5')).to.equal('1.5 is no integer');
    expect(why('uuid', 'x')).to.include('is no UUID');
    expect(why('timestamp', '\'2026-11-22 10:00:00\'')).to.include('with a zone');
    expect(why('timestamp', '\'2026-02-30 10:00:00Z\'')).to.include('with a zone');
    expect(why('date', '2026-13-01')).to.include('is no date');
    expect(why('frozen<set<uuid>>', '[00000000-0000-0000-0000-000000000001, 00000000-0000-0000-0000-000000000002]')).to.include('is given as bytes');
    expect(why('frozen<list<int>>', '5')).to.include('is written as [1, 2]');
    expect(why('int', 'null')).to.equal('a int is wanted');
    expect(why('text', '\'abc')).to.include('a string without its end at character 1');
    expect(why('int', '1 2')).to.include('something stands behind the value');
    expect(why('blob', '0x123')).to.include('is no blob');
    expect(why('frozen<list<int>>', '['.repeat(100))).to.include('nested more than 32 deep');
    expect(why('vector<float, 2>', '[1]')).to.equal('a vector<float, 2> has 2 elements, not 1');
  });
});

describe('partition keys', () => {
  const orders = table(['customer', 'int']);
  const carts = table(['region', 'text'], ['day', 'date']);
  const both = '0004656d6561' + '00' + '0004' + '8000512b' + '00';

  it('of one column, of several, and as the key of an event', () => {
    expect(key(orders, '42')).to.equal('0000002a');
    expect(key(orders, '{"customer": 42, "id": 7}')).to.equal('0000002a');
    for (const texts of [['emea', '2026-11-22'], ['"emea"', '\'2026-11-22\''], ['["emea", "2026-11-22"]'], ['{"day": "2026-11-22", "region": "emea", "item": 1}'], ['(\'emea\', \'2026-11-22\')']]) {
      expect(key(carts, ...texts), texts.join(' ')).to.equal(both);
    }
  });

  it('text needs no quotation marks, whatever it looks like', () => {
    const names = table(['name', 'text']);
    expect(key(names, 'a b, c: d')).to.equal(Buffer.from('a b, c: d').toString('hex'));
    expect(key(names, '42')).to.equal(Buffer.from('42').toString('hex'));
    expect(key(names, '[x]')).to.equal(Buffer.from('[x]').toString('hex'));
  });

  it('a wrong number of values, or a wrong one, is named with the columns', () => {
    expect(refusal(() => key(carts, 'emea'))).to.equal('the partition key has 2 columns (region text, day date), and 1 value was given');
    expect(refusal(() => key(orders, '1', '2'))).to.equal('the partition key has one column (customer int), and 2 values were given');
    expect(refusal(() => key(carts, 'emea', 'tomorrow'))).to.equal('day: tomorrow is no date: write it as 2026-11-22');
  });
});
