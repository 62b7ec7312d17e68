/** Every CQL type as value, partition key and clustering (both orders), with nulls, empties and extremes. */
import { createTable, type Context, type Steps } from './step.js';
import { FROZEN, nameOf, SCALARS } from './values.js';

const ALL = { ...SCALARS, ...FROZEN };
const NAMES = Object.keys(ALL);

export function* types(context: Context): Steps {
  yield "CREATE TYPE rec.place (street text, zip int, tags frozen<set<text>>)";
  yield* asValues();
  yield* asEmptyValues();
  yield* asKeys();
  yield* asOneKey();
  if (context.is5) yield* vectors();
}

function* asValues(): Steps {
  const columns = NAMES.map((type) => `v_${nameOf(type)}`);
  yield createTable('rec.all_types', `id int PRIMARY KEY, ${NAMES.map((type, i) => `${columns[i]} ${type}`).join(', ')}`);
  const rounds = Math.max(...Object.values(ALL).map((values) => values.length));
  for (let round = 0; round < rounds; round++) {
    const values = NAMES.map((type) => ALL[type][round % ALL[type].length]);
    yield `INSERT INTO rec.all_types (id, ${columns.join(', ')}) VALUES (${round}, ${values.join(', ')})`;
  }
  yield `INSERT INTO rec.all_types (id, ${columns.join(', ')}) VALUES (100, ${NAMES.map(() => 'null').join(', ')})`;
  yield 'INSERT INTO rec.all_types (id) VALUES (101)';
  for (const [i, column] of columns.entries()) yield `UPDATE rec.all_types SET ${column} = ${ALL[NAMES[i]][0]} WHERE id = ${200 + i}`;
}

/** Zero-length values, which most types of fixed length accept from the time of Thrift. */
function* asEmptyValues(): Steps {
  const mayFail = 'types without an empty value refuse it';
  for (const [i, type] of Object.keys(SCALARS).filter((name) => name !== 'blob').entries()) {
    yield { cql: `UPDATE rec.all_types SET v_${type} = blobAs${type[0].toUpperCase()}${type.slice(1)}(0x) WHERE id = ${300 + i}`, mayFail };
  }
  // A scale beyond what can be printed in plain notation, and a timestamp as old as a blob can say.
  yield 'UPDATE rec.all_types SET v_decimal = blobAsDecimal(0x7fffffff01) WHERE id = 400';
  yield 'UPDATE rec.all_types SET v_decimal = blobAsDecimal(0x8000000001) WHERE id = 401';
  yield 'UPDATE rec.all_types SET v_varint = blobAsVarint(0x000000000000000001) WHERE id = 402';
}

function* asKeys(): Steps {
  const keys = NAMES.filter((type) => type !== 'duration');
  for (const type of keys) {
    const table = `rec.key_${nameOf(type)}`;
    yield createTable(table, `k ${type}, a ${type}, b ${type}, v int, PRIMARY KEY (k, a, b)`, { with: 'CLUSTERING ORDER BY (a DESC, b ASC)' });
    // As a key, an empty map reads as an empty set.
    const values = type.startsWith('frozen<map') ? ALL[type].filter((value) => value !== '{}') : ALL[type];
    for (const [i, value] of values.entries()) {
      const other = values[(i + 1) % values.length];
      const key = value === "''" || value === '0x' ? other : value;
      yield `INSERT INTO ${table} (k, a, b, v) VALUES (${key}, ${value}, ${other}, ${i})`;
    }
    const key = type === 'ascii' || type === 'text' || type === 'blob' ? values[4] : values[0];
    yield `DELETE FROM ${table} WHERE k = ${key} AND a = ${values[0]}`;
    yield `DELETE FROM ${table} WHERE k = ${key} AND a > ${values[1]}`;
    yield `DELETE FROM ${table} WHERE k = ${key} AND a = ${values[1]} AND b <= ${values[0]}`;
    yield `DELETE FROM ${table} WHERE k = ${key}`;
  }
}

/** One partition key and one clustering made of everything. */
function* asOneKey(): Steps {
  const keys = NAMES.filter((type) => type !== 'duration');
  const columns = keys.map((type, i) => ({ type, p: `p${i}`, c: `c${i}` }));
  yield createTable('rec.key_of_all', `${columns.map((each) => `${each.p} ${each.type}, ${each.c} ${each.type}`).join(', ')}, v int, ` +
    `PRIMARY KEY ((${columns.map((each) => each.p).join(', ')}), ${columns.map((each) => each.c).join(', ')})`);
  const names = [...columns.map((each) => each.p), ...columns.map((each) => each.c), 'v'].join(', ');
  for (let round = 0; round < 5; round++) {
    const values = keys.map((type) => ALL[type][round % ALL[type].length]);
    yield `INSERT INTO rec.key_of_all (${names}) VALUES (${[...values, ...values].join(', ')}, ${round})`;
    const where = columns.map((each, i) => `${each.p} = ${values[i]}`).join(' AND ');
    yield `DELETE FROM rec.key_of_all WHERE ${where} AND c0 = ${values[0]} AND c1 >= ${values[1]}`;
  }
}

function* vectors(): Steps {
  yield createTable('rec.vectors', 'id int PRIMARY KEY, f vector<float, 3>, i vector<int, 2>, t vector<text, 2>, l vector<frozen<list<int>>, 2>, ' +
    'n vector<vector<float, 2>, 2>, u vector<uuid, 1>, fl frozen<list<vector<float, 2>>>, m map<text, vector<float, 2>>, d vector<double, 300>');
  yield "INSERT INTO rec.vectors (id, f, i, t, l) VALUES (1, [1.5, -0.0, NaN], [2147483647, -2147483648], ['', 'long enough'], [[], [1, 2]])";
  yield 'INSERT INTO rec.vectors (id, n, u, fl) VALUES (2, [[1, 2], [3, 4]], [00000000-0000-0000-0000-000000000000], [[1, 2]])';
  yield "UPDATE rec.vectors SET m = {'a': [1, 2]}, f = null WHERE id = 3";
  yield "UPDATE rec.vectors SET m['b'] = [Infinity, -Infinity] WHERE id = 3";
  yield `UPDATE rec.vectors SET d = [${Array.from({ length: 300 }, (_, i) => i / 8).join(', ')}] WHERE id = 4`;
  yield createTable('rec.key_vector', 'k vector<int, 2>, c vector<text, 2>, v int, PRIMARY KEY (k, c)', { with: 'CLUSTERING ORDER BY (c DESC)' });
  yield "INSERT INTO rec.key_vector (k, c, v) VALUES ([1, 2], ['a', ''], 1)";
  yield "DELETE FROM rec.key_vector WHERE k = [1, 2] AND c > ['a', 'b']";
}
