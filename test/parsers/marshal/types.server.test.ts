/** Names and lengths of types, and the verdicts that no random value of a CQL type reaches, against Cassandra's classes. */
import { expect } from 'chai';
import fc from 'fast-check';
import { CASSANDRA_JSON, MarshalError, type AbstractType } from '../../../parsers/marshal/abstract-type.js';
import { parseClassName } from '../../../parsers/marshal/type-parser.js';
import { parseCqlType } from '../../../parsers/schema/cql-type.js';
import { schemaFromRows } from '../../../parsers/schema/from-system-schema.js';
import { CASSANDRA_VERSIONS, type CassandraVersion } from '../../lab/versions.js';
import { anyType, damaged, hex, int32, SIMPLE_TYPES, sized } from '../../helpers/value-generators.js';
import { askTypes, askValues, type TypeAnswer, type Value } from '../../helpers/values-oracle.js';

const MARSHAL = 'org.apache.cassandra.db.marshal.';
const seed = Number(process.env['CDC_SEED'] ?? Date.now() % 2 ** 31);

const CLASSES = [
  ...SIMPLE_TYPES.map((type) => type.className), 'CounterColumnType', 'UTF8Type', ' Int32Type ', '',
  'ListType(Int32Type)', 'SetType( UTF8Type )', 'MapType(UTF8Type,FrozenType(ListType(LongType)))', 'FrozenType(Int32Type)',
  'TupleType(FrozenType(SetType(Int32Type)))', 'ReversedType(TimestampType)', 'ReversedType(FrozenType(MapType(Int32Type,Int32Type)))',
  'LongType(reversed=true)', 'UUIDType(reversed)', 'LongType(reversed=false)', 'CompositeType(UTF8Type,ReversedType(Int32Type))',
  'DynamicCompositeType(a=>BytesType)', 'DynamicCompositeType', 'UserType(ks,61,6e:Int32Type,4e:ListType(UTF8Type))', 'FrozenType(UserType(ks,4162,6e:MapType(Int32Type,FrozenType(SetType(BytesType)))))',
];
/** 4.x has no vectors, and doesn't freeze what is inside a collection unless its name says so. */
const CLASSES_OF_5 = ['LegacyTimeUUIDType', 'MapType(UTF8Type,ListType(LongType))', 'FrozenType(ListType(SetType(Int32Type)))', 'TupleType(Int32Type,ListType(UTF8Type))',
  'VectorType(FloatType , 3)', 'VectorType(UTF8Type,2)', 'VectorType(VectorType(Int32Type , 2) , 4)', 'VectorType(ListType(Int32Type) , 2)', 'VectorType(ShortType , 8)'];

const UDTS = [
  ['udt', 'zip', 'code', 'int', 'Kind', 'text'],
  ['udt', 'My Address', 'street', 'text', 'zip', 'frozen<zip>', 'tags', 'frozen<map<text, frozen<list<"q""t">>>>'],
  ['udt', 'q"t', 'a', 'tinyint'],
  ['udt', 'select', 'a', 'frozen<"My Address">'],
];
const CQL = [
  ...SIMPLE_TYPES.filter((type) => !type.className.includes('DateType') && !type.className.includes('Lexical')).map((type) => type.cqlName), 'varchar', 'counter', 'Text',
  'list<int>', 'frozen<list<int>>', 'set<frozen<set<frozen<set<text>>>>>', 'frozen<map<text, list<set<int>>>>', 'map<timeuuid, frozen<tuple<int, text>>>', 'tuple<int, frozen<list<text>>, tuple<uuid>>',
  'frozen<tuple<int, list<text>>>', 'zip', 'frozen<zip>', '"My Address"', 'frozen<"My Address">', 'list<frozen<"q""t">>', '"select"', 'ks.zip', 'frozen<ks."My Address">',
  `'${MARSHAL}LexicalUUIDType'`, `'${MARSHAL}CompositeType(${MARSHAL}UTF8Type,${MARSHAL}Int32Type)'`, `set<'${MARSHAL}BytesType'>`, `'${MARSHAL}DynamicCompositeType(b=>${MARSHAL}BytesType)'`,
];
const CQL_VECTORS = ['vector<float, 3>', 'list<frozen<vector<text, 2>>>', 'vector<frozen<"My Address">, 2>', 'frozen<map<int, vector<int, 4>>>', 'vector<vector<smallint, 2>, 2>'];

function described(type: AbstractType): TypeAnswer {
  const { className, cqlName, valueLengthIfFixed, isMultiCell } = type;
  return { className, cqlName, valueLengthIfFixed, isMultiCell };
}

function cqlType(text: string): AbstractType {
  const types = UDTS.map(([, name, ...fields]) => ({
    keyspace_name: 'ks', type_name: name, field_names: fields.filter((_, i) => i % 2 === 0), field_types: fields.filter((_, i) => i % 2 === 1),
  }));
  const column = { keyspace_name: 'ks', table_name: 't', clustering_order: 'none', position: 0 };
  const [table] = schemaFromRows({
    tables: [{ keyspace_name: 'ks', table_name: 't', id: '5a1c395e-b41f-11e5-9f22-ba0be0483c18' }],
    columns: [{ ...column, column_name: 'k', kind: 'partition_key', type: 'int' }, { ...column, column_name: 'c', kind: 'regular', type: text }],
    types,
  });
  return table.regulars[0].type;
}

function isValid(className: string, bytes: Buffer, cell: boolean): boolean {
  const type = parseClassName(className);
  try {
    if (cell) type.validateCellValue(bytes, 0, bytes.length);
    else type.validate(bytes, 0, bytes.length);
    return true;
  } catch (error) {
    if (error instanceof MarshalError) return false;
    throw error;
  }
}

/** Both verdicts of every value; at most ten that differ. */
async function expectSameVerdicts(values: readonly Value[]): Promise<void> {
  const answers = await askValues('5.0.6', values);
  const different = values.filter(({ className, bytes }, i) => {
    const { validate, validateCellValue } = answers[i];
    return isValid(className, bytes, false) !== (validate === 'ok') || isValid(className, bytes, true) !== (validateCellValue === 'ok');
  });
  expect(different.slice(0, 10).map(({ className, bytes }) => `${className} ${bytes.toString('hex')}`)).to.deep.equal([]);
  for (const className of new Set(values.map((value) => value.className))) {
    const verdicts = answers.filter((_, i) => values[i].className === className).map((answer) => answer.validateCellValue === 'ok');
    expect(new Set(verdicts).size, `both verdicts occur: ${className}`).to.equal(2);
  }
}

function valuesOf(className: string, values: readonly Buffer[]): Value[] {
  return values.map((bytes) => ({ className, bytes }));
}

describe(`types as Cassandra names them (CDC_SEED=${seed})`, () => {
  const check = async (version: CassandraVersion, classes: readonly string[], cql: readonly string[]): Promise<void> => {
    const answers = await askTypes(version, [...classes.map((name) => ['class', name]), ...UDTS, ...cql.map((name) => ['cql', name])]);
    classes.forEach((name, i) => { expect(answers[i], name).to.deep.equal(described(parseClassName(name))); });
    const first = classes.length + UDTS.length;
    cql.forEach((name, i) => { expect(answers[first + i], name).to.deep.equal(described(cqlType(name))); });
  };

  for (const version of CASSANDRA_VERSIONS) {
    it(`${version}: class name, CQL name, fixed length, multi-cell`, async () => {
      const has5 = version.startsWith('5');
      await check(version, has5 ? [...CLASSES, ...CLASSES_OF_5] : CLASSES, has5 ? [...CQL, ...CQL_VECTORS] : CQL);
    });
  }

  it('500 random types, nested up to three deep', async () => {
    const types = fc.sample(anyType(3), { numRuns: 500, seed });
    await check('5.0.6', types.map((type) => type.className), []);
  });

  it('what is no type is none here either', async () => {
    const classes = ['NoSuchType', 'ListType', 'ListType(Int32Type,Int32Type)', 'MapType(Int32Type)', 'ListType(Int32Type', 'TupleType(Int32Type', 'VectorType(FloatType , 0)', 'FrozenType()', 'CompositeType()'];
    const cql = ['list<int', 'map<int>', 'tuple<>', 'nothing', 'vector<float>', 'frozen<"Zip">', 'vector<float, 0>', ''];
    const answers = await askTypes('5.0.6', [...classes.map((name) => ['class', name]), ...cql.map((name) => ['cql', name])]);
    [...classes, ...cql].forEach((name, i) => { expect(answers[i], name).to.be.a('string').that.matches(/^!/); });
    for (const name of classes) expect(() => parseClassName(name), name).to.throw(MarshalError);
    for (const name of cql) expect(() => parseCqlType(name), name).to.throw(MarshalError);
  });
});

describe('validate where the bytes decide', () => {
  const LEADS = hex('00 41 7f 80 8f 90 9f a0 af b0 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 f7 f8 ff');

  it('text: every first byte with 29 second ones, and 29^3 combinations of three and four', async () => {
    const pairs = Array.from({ length: 256 }, (_, first) => [...LEADS].map((second) => Buffer.of(first, second))).flat();
    const triples = [...LEADS].flatMap((a) => [...LEADS].flatMap((b) => [...LEADS].map((c) => Buffer.of(a, b, c))));
    const quads = triples.map(([a, b, c]) => Buffer.of(0xf0 | (a & 7), a, b, c));
    await expectSameVerdicts(valuesOf('UTF8Type', [...pairs, ...triples, ...quads]));
  });

  it('counter contexts', async () => {
    const shard = Buffer.alloc(32, 1);
    const contexts = [hex(''), hex('00'), hex('0000'), hex('0001 8000'), hex('ffff 8000'), hex('8000'), Buffer.alloc(8), ...[0, 1, 2, 3].map((n) => Buffer.concat([int32(0x00018000), ...Array<Buffer>(n).fill(shard)]))];
    await expectSameVerdicts(valuesOf('CounterColumnType', [...contexts, ...contexts.map((bytes) => bytes.subarray(1)), ...contexts.map((bytes) => Buffer.concat([bytes, shard]))]));
  });

  it('composites, static or not, whole or damaged', async () => {
    const component = (value: Buffer, endOfComponent = 0): Buffer => Buffer.concat([Buffer.of(value.length >> 8, value.length & 0xff), value, Buffer.of(endOfComponent)]);
    const named = (name: string, value: Buffer): Buffer => Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), component(value)]);
    const values = fc.oneof(
      fc.constantFrom(component(hex('00000001')), Buffer.concat([component(hex('00000001')), component(Buffer.from('ab'), 1)]), Buffer.concat([hex('ffff'), component(hex('')), component(hex('61'))])),
      fc.constantFrom(named('Int32Type', int32(5)), Buffer.concat([hex('8061'), component(int32(7)), named('UTF8Type', hex('c3bc'))]), named('NoSuchType', hex('00')), named('com.acme.Mine', hex('00'))),
    );
    const samples = [...fc.sample(values, { numRuns: 50, seed }), ...fc.sample(damaged(values), { numRuns: 3000, seed })];
    await expectSameVerdicts([
      ...valuesOf('CompositeType(Int32Type,UTF8Type)', samples),
      ...valuesOf('DynamicCompositeType(a=>Int32Type,b=>UTF8Type)', samples),
      ...valuesOf('FrozenType(ListType(CompositeType(Int32Type,UTF8Type)))', samples.flatMap((bytes) => [bytes, Buffer.concat([int32(1), sized(bytes)])])),
    ]);
  });

  it('values that Cassandra takes for valid and fails to print', async () => {
    const failing: readonly (readonly [string, string, string])[] = [
      ['BooleanType', '', '""'], ['DateType', '', '""'], ['CounterColumnType', '', '""'],
      ['TimeType', '00004e94914f0000', '"86400000000000"'], ['TimeType', 'ffffb16b6eb10000', '"-86400000000000"'],
      ['DecimalType', '00000002', '0.00'], ['UTF8Type', '61c08062', '"a\ufffd\ufffdb"'], ['UTF8Type', 'eda080', '"\ufffd\ufffd\ufffd"'],
      ['TupleType(Int32Type,UTF8Type)', '', '[null, null]'], ['TupleType(Int32Type,UTF8Type)', '0000000400000007', '[7, null]'],
      ['CompositeType(Int32Type)', '00040000000100', '"0x00040000000100"'],
    ];
    const answers = await askValues('5.0.6', failing.map(([className, bytes]) => ({ className, bytes: hex(bytes) })));
    failing.forEach(([className, bytes, json], i) => {
      expect(answers[i].validate, className).to.equal('ok');
      expect(answers[i].json, className).to.match(/^!/);
      expect(parseClassName(className).toJson(hex(bytes), 0, hex(bytes).length, CASSANDRA_JSON)).to.equal(json);
    });
  });
});
