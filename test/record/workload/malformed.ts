/**
 * Values that CQL takes unseen and Cassandra's own reader then refuses: hex constants for marshal classes that have no CQL
 * name, and elements of such a class. Their entries are sound by every checksum and do not decode.
 */
import { createTable, logged, unlogged, type Steps } from './step.js';

const MARSHAL = 'org.apache.cassandra.db.marshal';
const COMPOSITE = `'${MARSHAL}.CompositeType(${MARSHAL}.Int32Type,${MARSHAL}.UTF8Type)'`;
const DYNAMIC = `'${MARSHAL}.DynamicCompositeType(i=>${MARSHAL}.Int32Type,s=>${MARSHAL}.UTF8Type)'`;

const COMPOSITES = {
  sound: '0x0004000000010000016100',
  'length cut': '0x00',
  'value cut': '0x0004',
  'end of component cut': '0x00040000000100000161',
  'more components than types': '0x000400000001000001610000016200',
  'more behind an end': '0x0004000000010100016100',
  'an int of two bytes': '0x0002000100',
  'text that is not UTF-8': '0x000400000001000001ff00',
};
const DYNAMICS = {
  sound: '0x806900040000000100807300016100',
  'unknown alias': '0x807a00016100',
  'name cut': '0x0009496e74',
  'unknown class': '0x0003466f6f00016100',
  'no value': '0x8069',
};
const LEXICAL_UUIDS = { sound: `0x${'ab'.repeat(16)}`, 'of three bytes': '0xababab' };

export function* malformed(): Steps {
  yield "CREATE KEYSPACE rec WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}";
  yield createTable('rec.malformed', `k text, c text, v ${COMPOSITE}, d ${DYNAMIC}, x '${MARSHAL}.LexicalUUIDType', l list<${COMPOSITE}>, m map<text, ${COMPOSITE}>, ` +
    `t tuple<int, ${COMPOSITE}>, PRIMARY KEY (k, c)`);
  yield createTable('rec.neighbour', 'k text, c text, v int, PRIMARY KEY (k, c)');
  for (const [name, value] of Object.entries(COMPOSITES)) {
    yield* write(`composite, ${name}`, [['v', value], ['l', `[${value}]`], ['m', `{'a': ${value}}`], ['t', `(1, ${value})`]]);
  }
  for (const [name, value] of Object.entries(DYNAMICS)) yield* write(`dynamic, ${name}`, [['d', value]]);
  for (const [name, value] of Object.entries(LEXICAL_UUIDS)) yield* write(`lexical, ${name}`, [['x', value]]);
  yield* besides();
  yield "INSERT INTO rec.malformed (k, c, v) VALUES ('the last one', 'is sound', '1:a')";
}

function* write(key: string, columns: readonly (readonly [string, string])[]): Steps {
  for (const [column, value] of columns) {
    yield { cql: `INSERT INTO rec.malformed (k, c, ${column}) VALUES ('${key}', '${column}', ${value})`, mayFail: 'some of these are looked at' };
  }
}

/** In one mutation with sound rows, before and behind it, of the same table and of another. */
function* besides(): Steps {
  const bad = (k: string, c: string): string => `INSERT INTO rec.malformed (k, c, v) VALUES ('${k}', '${c}', 0x0004)`;
  const good = (k: string, c: string): string => `INSERT INTO rec.malformed (k, c, v) VALUES ('${k}', '${c}', '1:a')`;
  const neighbour = (k: string): string => `INSERT INTO rec.neighbour (k, c, v) VALUES ('${k}', 'n', 1)`;
  yield unlogged(good('one partition', 'a'), bad('one partition', 'b'), good('one partition', 'c'));
  yield logged(neighbour('two tables'), bad('two tables', 'a'));
  yield logged(bad('two partitions', 'a'), good('of the other', 'a'));
}
