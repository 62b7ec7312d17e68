/** Mutations of several tables, batches over partitions, and conditional statements. */
import { createTable, logged, range, unlogged, type Steps } from './step.js';

export function* batches(): Steps {
  yield createTable('rec.pair_cdc', 'k int, c int, v text, PRIMARY KEY (k, c)');
  yield createTable('rec.pair_plain', 'k int, c int, v text, PRIMARY KEY (k, c)', { cdc: false });
  yield createTable('rec.pair_other', 'k int PRIMARY KEY, v text, l list<int>');
  // The same names in another keyspace: a mutation never spans keyspaces.
  yield createTable('rec2.pair_cdc', 'k int, c int, other int, PRIMARY KEY (k, c)');
  yield* severalTables();
  yield* conditions();
}

function* severalTables(): Steps {
  const into = (table: string, k: number, c: number): string => `INSERT INTO ${table} (k, c, v) VALUES (${k}, ${c}, '${table} ${k}')`;
  yield logged(into('rec.pair_cdc', 1, 1), into('rec.pair_plain', 1, 1));
  yield unlogged(into('rec.pair_plain', 1, 2), into('rec.pair_cdc', 1, 2), "INSERT INTO rec.pair_other (k, v) VALUES (1, 'third')");
  yield logged(into('rec.pair_cdc', 1, 3), 'DELETE FROM rec.pair_plain WHERE k = 1', "UPDATE rec.pair_other SET l = l + [1] WHERE k = 1");
  yield logged(into('rec.pair_plain', 2, 1));
  yield logged(...range(10).map((k) => into('rec.pair_cdc', k, 10)));
  yield unlogged(...range(10).map((k) => into(k % 2 === 0 ? 'rec.pair_cdc' : 'rec.pair_plain', k, 11)));
  yield logged(into('rec.pair_cdc', 3, 1), 'INSERT INTO rec2.pair_cdc (k, c, other) VALUES (3, 1, 4)');
  yield unlogged(...range(100).map((c) => into('rec.pair_cdc', 4, c)));
  yield unlogged(into('rec.pair_cdc', 5, 1), into('rec.pair_cdc', 5, 1), "UPDATE rec.pair_cdc SET v = 'last' WHERE k = 5 AND c = 1");
  yield { cql: 'INSERT INTO rec.pair_cdc (k, c, v) VALUES (?, ?, ?)', params: [6, 1, 'prepared'] };
}

function* conditions(): Steps {
  yield createTable('rec.lwt', 'k int, c int, v int, s int static, m map<text, int>, PRIMARY KEY (k, c)');
  yield 'INSERT INTO rec.lwt (k, c, v) VALUES (1, 1, 1) IF NOT EXISTS';
  yield 'INSERT INTO rec.lwt (k, c, v) VALUES (1, 1, 2) IF NOT EXISTS';
  yield 'UPDATE rec.lwt SET v = 3 WHERE k = 1 AND c = 1 IF v = 1';
  yield 'UPDATE rec.lwt SET v = 4 WHERE k = 1 AND c = 1 IF v = 99';
  yield "UPDATE rec.lwt SET m['a'] = 1 WHERE k = 1 AND c = 1 IF EXISTS";
  yield 'UPDATE rec.lwt USING TTL 500 SET s = 1 WHERE k = 1 IF s = null';
  yield 'DELETE FROM rec.lwt WHERE k = 1 AND c = 1 IF v = 3';
  yield logged('INSERT INTO rec.lwt (k, c, v) VALUES (2, 1, 1) IF NOT EXISTS', 'INSERT INTO rec.lwt (k, c, v) VALUES (2, 2, 2)', 'UPDATE rec.lwt SET s = 5 WHERE k = 2');
}
