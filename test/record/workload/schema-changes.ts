/** Schema changes in mid-log: columns added, dropped, added again and renamed; tables and keyspaces dropped and made again; CDC off and on. */
import { createTable, FIRST_TIMESTAMP, logged, type Steps } from './step.js';

/** Later than any drop (2096): a cell of this time belongs to the column that was added again. */
const LATER = 4_000_000_000_000_000;

export function* schemaChanges(): Steps {
  yield* columns();
  yield* droppedForGood();
  yield* renamed();
  yield* switchedOffAndOn();
  yield* droppedAndMadeAgain();
}

function* columns(): Steps {
  yield createTable('rec.evolving', 'k int, c int, a int, b text, l list<int>, s int static, PRIMARY KEY (k, c)');
  const both = (columns: string, values: string): string[] => [
    `INSERT INTO rec.evolving (k, c, ${columns}) VALUES (1, 1, ${values})`,
    `INSERT INTO rec.evolving (k, c, ${columns}) VALUES (1, 2, ${values}) USING TIMESTAMP ${LATER}`,
  ];
  yield* both('a, b, l, s', "1, 'one', [1], 1");
  yield 'ALTER TABLE rec.evolving ADD x int';
  yield* both('a, x', '2, 2');
  yield 'ALTER TABLE rec.evolving ADD (y text, z set<int>, aa int static)';
  yield* both('x, y, z, aa', "3, 'three', {3}, 3");
  yield 'ALTER TABLE rec.evolving DROP a';
  yield* both('b, x, y', "'four', 4, 'four'");
  yield 'ALTER TABLE rec.evolving ADD a int';
  yield* both('a, b', "5, 'five'");
  yield 'ALTER TABLE rec.evolving DROP (l, s)';
  yield* both('a, b', "6, 'six'");
  yield 'ALTER TABLE rec.evolving ADD l list<int>';
  yield { cql: 'ALTER TABLE rec.evolving ADD s int static', mayFail: 'a static column cannot come back everywhere' };
  yield* both('a, l', '7, [7]');
  yield 'UPDATE rec.evolving SET l = l + [8] WHERE k = 1 AND c = 1';
  yield `ALTER TABLE rec.evolving DROP y USING TIMESTAMP ${FIRST_TIMESTAMP}`;
  yield 'ALTER TABLE rec.evolving ADD y blob';
  yield* both('y', '0x09');
}

function* droppedForGood(): Steps {
  yield createTable('rec.dropped', 'k int, c int, keep int, i int, t text, l list<text>, u frozen<address>, f frozen<map<int, text>>, s set<int> static, PRIMARY KEY (k, c)');
  yield "INSERT INTO rec.dropped (k, c, keep, i, t, l, u, f, s) VALUES (1, 1, 1, 1, 't', ['a', 'b'], {street: 's'}, {1: 'x'}, {1})";
  yield `INSERT INTO rec.dropped (k, c, keep, i, t, l, u, f, s) VALUES (1, 2, 1, 1, 't', ['a'], {street: 's'}, {1: 'x'}, {1}) USING TIMESTAMP ${LATER}`;
  yield 'DELETE i, l FROM rec.dropped WHERE k = 1 AND c = 1';
  for (const name of ['i', 't', 'l', 'u', 'f', 's']) yield `ALTER TABLE rec.dropped DROP ${name}`;
  yield 'INSERT INTO rec.dropped (k, c, keep) VALUES (1, 3, 2)';
}

function* renamed(): Steps {
  yield createTable('rec.renamed', 'k int, c text, v int, PRIMARY KEY (k, c)', { with: 'CLUSTERING ORDER BY (c DESC)' });
  yield "INSERT INTO rec.renamed (k, c, v) VALUES (1, 'before', 1)";
  yield 'ALTER TABLE rec.renamed RENAME k TO "Key" AND c TO "clustering ü"';
  yield 'INSERT INTO rec.renamed ("Key", "clustering ü", v) VALUES (1, \'after\', 2)';
  yield 'ALTER TABLE rec.renamed ADD "Weird ""name""" int';
  yield 'UPDATE rec.renamed SET "Weird ""name""" = 1 WHERE "Key" = 1 AND "clustering ü" = \'after\'';
}

function* switchedOffAndOn(): Steps {
  yield createTable('rec.switched', 'k int PRIMARY KEY, v text');
  yield "INSERT INTO rec.switched (k, v) VALUES (1, 'on')";
  yield 'ALTER TABLE rec.switched WITH cdc = false';
  yield "INSERT INTO rec.switched (k, v) VALUES (2, 'off')";
  yield 'ALTER TABLE rec.switched WITH cdc = true';
  yield "INSERT INTO rec.switched (k, v) VALUES (3, 'on again')";
}

function* droppedAndMadeAgain(): Steps {
  yield createTable('rec.again', 'k int PRIMARY KEY, v text, l list<int>', { generation: 1 });
  yield "INSERT INTO rec.again (k, v, l) VALUES (1, 'first table', [1])";
  yield 'DROP TABLE rec.again';
  yield createTable('rec.again', 'k text, c int, v int, PRIMARY KEY (k, c)', { generation: 2 });
  yield "INSERT INTO rec.again (k, c, v) VALUES ('second table', 1, 1)";
  yield "CREATE KEYSPACE rec_gone WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}";
  yield 'CREATE TYPE rec_gone.pair (a int, b int)';
  yield createTable('rec_gone.rows', 'k int PRIMARY KEY, p pair');
  yield 'INSERT INTO rec_gone.rows (k, p) VALUES (1, {a: 1, b: 2})';
  // A mutation that a reader with the last schema knows in part only.
  yield createTable('rec.gone', 'k int PRIMARY KEY, v int');
  const left = ['rec.left1', 'rec.left2', 'rec.left3', 'rec.left4'];
  for (const table of left) yield createTable(table, 'k int PRIMARY KEY, v int');
  for (const table of left) yield logged(`INSERT INTO ${table} (k, v) VALUES (1, 1)`, 'INSERT INTO rec.gone (k, v) VALUES (1, 1)');
  yield logged(...left.map((table) => `INSERT INTO ${table} (k, v) VALUES (2, 2)`), 'INSERT INTO rec.gone (k, v) VALUES (2, 2)');
  yield 'DROP TABLE rec.gone';
  yield 'DROP KEYSPACE rec_gone';
}
