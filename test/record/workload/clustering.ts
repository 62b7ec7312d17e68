/** Clusterings: several columns, both orders, more than 32 columns, empty values; and range deletes over them. */
import { createTable, logged, range, unlogged, type Steps } from './step.js';

export function* clustering(): Steps {
  yield* mixedOrder();
  yield* manyColumns();
  yield* emptyValues();
  yield* ranges('rec.ranges_asc', 'ASC');
  yield* ranges('rec.ranges_desc', 'DESC');
  yield* rangesOverSeveral();
}

function* mixedOrder(): Steps {
  yield createTable('rec.mixed', 'k text, a int, b text, c timeuuid, v int, s text static, PRIMARY KEY (k, a, b, c)', { with: 'CLUSTERING ORDER BY (a DESC, b ASC, c DESC)' });
  for (const i of range(6)) {
    yield `INSERT INTO rec.mixed (k, a, b, c, v) VALUES ('one', ${i % 3}, 'b${i}', 50554d6e-29bb-11e5-b345-feff819cdc9f, ${i})`;
  }
  // Several rows of one partition in one mutation, the static with them.
  yield unlogged(...range(5).map((i) => `INSERT INTO rec.mixed (k, a, b, c, v, s) VALUES ('two', ${-i}, '', e23f1e02-2f7b-11ee-be56-0242ac12000${i}, ${i}, 'static ${i}')`));
  yield "INSERT INTO rec.mixed (k, s) VALUES ('three', 'alone')";
  yield "UPDATE rec.mixed SET s = null WHERE k = 'three'";
  yield "DELETE s FROM rec.mixed WHERE k = 'two'";
}

function* manyColumns(): Steps {
  const names = range(40).map((i) => `c${i}`);
  const definition = names.map((name, i) => `${name} ${i % 2 === 0 ? 'int' : 'text'}`).join(', ');
  const order = names.map((name, i) => `${name} ${i % 3 === 0 ? 'DESC' : 'ASC'}`).join(', ');
  yield createTable('rec.clustering40', `k int, ${definition}, v int, PRIMARY KEY (k, ${names.join(', ')})`, { with: `CLUSTERING ORDER BY (${order})` });
  const value = (i: number, seed: number): string => (i % 2 === 0 ? String(i * seed) : (i + seed) % 5 === 0 ? "''" : `'t${i}-${seed}'`);
  for (const seed of [0, 1, 2]) {
    yield `INSERT INTO rec.clustering40 (k, ${names.join(', ')}, v) VALUES (1, ${names.map((_, i) => value(i, seed)).join(', ')}, ${seed})`;
  }
  for (const length of [1, 31, 32, 33, 39, 40]) {
    const where = names.slice(0, length).map((name, i) => `${name} = ${value(i, 1)}`).join(' AND ');
    yield `DELETE FROM rec.clustering40 WHERE k = 1 AND ${where}`;
  }
  const prefix = names.slice(0, 34).map((name, i) => `${name} = ${value(i, 2)}`).join(' AND ');
  yield `DELETE FROM rec.clustering40 WHERE k = 1 AND ${prefix} AND c34 >= 5 AND c34 < 99`;
}

function* emptyValues(): Steps {
  yield createTable('rec.empties', 'k int, a text, b blob, c ascii, v text, PRIMARY KEY (k, a, b, c)');
  for (const [a, b, c] of [["''", '0x', "''"], ["''", '0x00', "'c'"], ["'a'", '0x', "''"], ["'a'", '0x', "'c'"]]) {
    yield `INSERT INTO rec.empties (k, a, b, c, v) VALUES (1, ${a}, ${b}, ${c}, '')`;
  }
  yield "DELETE FROM rec.empties WHERE k = 1 AND a = ''";
  yield "DELETE FROM rec.empties WHERE k = 1 AND a = '' AND b = 0x AND c = ''";
  yield "DELETE FROM rec.empties WHERE k = 1 AND a = 'a' AND b > 0x";
  yield `INSERT INTO rec.empties (k, a, b, c, v) VALUES (2, '${'long '.repeat(2000)}', 0x${'ab'.repeat(300)}, '', 'long clustering')`;
}

function* ranges(table: string, order: string): Steps {
  yield createTable(table, 'k int, c int, v int, s int static, PRIMARY KEY (k, c)', { with: `CLUSTERING ORDER BY (c ${order})` });
  for (const c of range(8)) yield `INSERT INTO ${table} (k, c, v) VALUES (1, ${c}, ${c})`;
  for (const where of ['c > 1', 'c >= 1', 'c < 1', 'c <= 1', 'c > 1 AND c < 5', 'c >= 1 AND c <= 5', 'c > 1 AND c <= 5', 'c IN (1, 3, 5)', 'c >= 2 AND c <= 2']) {
    yield `DELETE FROM ${table} WHERE k = 1 AND ${where}`;
  }
  const cut = (where: string, timestamp: number): string => `DELETE FROM ${table} USING TIMESTAMP ${timestamp} WHERE k = 2 AND ${where}`;
  // Adjacent ranges share a boundary; overlapping ones of different ages are cut into pieces by Cassandra.
  yield unlogged(cut('c >= 1 AND c < 5', 1000), cut('c >= 5 AND c < 9', 2000));
  yield unlogged(cut('c >= 1 AND c <= 5', 1000), cut('c > 5 AND c <= 9', 2000), cut('c > 9', 3000));
  yield unlogged(cut('c < 5', 1000), cut('c > 3 AND c <= 7', 2000), cut('c >= 6', 1500));
  yield unlogged(cut('c > 0 AND c < 10', 1000), cut('c >= 4 AND c <= 6', 5000));
  yield unlogged(cut('c >= 1 AND c < 5', 1000), cut('c >= 5 AND c < 9', 1000));
  yield unlogged(
    cut('c >= 1 AND c < 5', 1000),
    `INSERT INTO ${table} (k, c, v) VALUES (2, 3, 3) USING TIMESTAMP 1001`,
    `INSERT INTO ${table} (k, c, v) VALUES (2, 5, 5) USING TIMESTAMP 999`,
    cut('c >= 5 AND c < 9', 2000),
    `UPDATE ${table} USING TIMESTAMP 1500 SET s = 1 WHERE k = 2`,
    `DELETE FROM ${table} USING TIMESTAMP 500 WHERE k = 2`);
}

function* rangesOverSeveral(): Steps {
  yield createTable('rec.ranges3', 'k int, a int, b text, c int, v int, PRIMARY KEY (k, a, b, c)', { with: 'CLUSTERING ORDER BY (a ASC, b DESC, c ASC)' });
  const cut = (where: string, timestamp: number): string => `DELETE FROM rec.ranges3 USING TIMESTAMP ${timestamp} WHERE k = 1 AND ${where}`;
  yield cut("a = 1", 1000);
  yield cut("a = 1 AND b = 'x'", 1000);
  yield cut("a = 1 AND b >= 'x'", 1000);
  yield cut("a = 1 AND b > 'm' AND b <= 'x'", 1000);
  yield cut("a > 1 AND a <= 3", 1000);
  yield { cql: cut("(a, b) > (1, 'x')", 1000), mayFail: 'multi-column relations over mixed orders' };
  yield { cql: cut("(a, b) >= (1, 'x') AND (a) < (5)", 1000), mayFail: 'multi-column relations over mixed orders' };
  yield logged(cut('a = 1', 1000), cut('a = 2', 2000), cut("a = 3 AND b < 'k'", 3000), cut("a = 3 AND b >= 'k'", 4000));
  yield logged(cut("a = 1 AND b = 'x' AND c > 5", 1000), cut("a = 1 AND b = 'x' AND c <= 5", 2000), "INSERT INTO rec.ranges3 (k, a, b, c, v) VALUES (1, 1, 'x', 5, 1)");
}
