/** Deletions of partitions, rows and cells, together with what they delete. */
import { createTable, logged, unlogged, type Steps } from './step.js';

export function* deletions(): Steps {
  yield createTable('rec.deletions', 'k int, c int, v int, w text, m map<text, int>, s text static, PRIMARY KEY (k, c)');
  yield "INSERT INTO rec.deletions (k, c, v, w, m) VALUES (1, 1, 1, 'w', {'a': 1})";
  yield 'DELETE v FROM rec.deletions WHERE k = 1 AND c = 1';
  yield 'DELETE v, w, m FROM rec.deletions WHERE k = 1 AND c = 1';
  yield 'DELETE FROM rec.deletions WHERE k = 1 AND c = 1';
  yield 'DELETE s FROM rec.deletions WHERE k = 1';
  yield 'DELETE FROM rec.deletions WHERE k = 1';
  yield 'DELETE FROM rec.deletions USING TIMESTAMP 1 WHERE k = 1';
  yield 'DELETE FROM rec.deletions USING TIMESTAMP -4611686018427387904 WHERE k = 1 AND c = 2';
  yield 'DELETE FROM rec.deletions USING TIMESTAMP 9223372036854775807 WHERE k = 99 AND c = 2';
  yield* deletedAndWritten();
  yield createTable('rec.no_clustering', 'k int PRIMARY KEY, v int, l list<int>');
  yield 'INSERT INTO rec.no_clustering (k, v, l) VALUES (1, 1, [1])';
  yield 'DELETE FROM rec.no_clustering WHERE k = 1';
  yield 'DELETE v FROM rec.no_clustering WHERE k = 1';
  yield unlogged('DELETE FROM rec.no_clustering USING TIMESTAMP 10 WHERE k = 2', 'INSERT INTO rec.no_clustering (k, v) VALUES (2, 2) USING TIMESTAMP 11');
}

function* deletedAndWritten(): Steps {
  const insert = (c: number, timestamp: number): string => `INSERT INTO rec.deletions (k, c, v, w) VALUES (3, ${c}, ${c}, 'new') USING TIMESTAMP ${timestamp}`;
  yield unlogged('DELETE FROM rec.deletions USING TIMESTAMP 1000 WHERE k = 3 AND c = 1', insert(1, 1001));
  // At one time the deletion wins, and the insert is gone before it is written.
  yield unlogged('DELETE FROM rec.deletions USING TIMESTAMP 1000 WHERE k = 3 AND c = 1', insert(1, 1000));
  yield unlogged('DELETE FROM rec.deletions USING TIMESTAMP 1000 WHERE k = 3', insert(1, 1001), insert(2, 999), insert(3, 1002));
  yield unlogged('DELETE FROM rec.deletions USING TIMESTAMP 1000 WHERE k = 3', "UPDATE rec.deletions USING TIMESTAMP 1001 SET s = 'kept' WHERE k = 3", insert(1, 1001));
  yield unlogged(insert(5, 2000), 'DELETE v FROM rec.deletions USING TIMESTAMP 2001 WHERE k = 3 AND c = 5');
  yield unlogged("UPDATE rec.deletions USING TIMESTAMP 2000 SET m = {'a': 1} WHERE k = 3 AND c = 6", "UPDATE rec.deletions USING TIMESTAMP 2001 SET m['b'] = 2 WHERE k = 3 AND c = 6");
  yield unlogged('DELETE FROM rec.deletions USING TIMESTAMP 3000 WHERE k = 3 AND c = 7', "UPDATE rec.deletions USING TIMESTAMP 3001 SET m = {'a': 1} WHERE k = 3 AND c = 7");
  yield logged('DELETE FROM rec.deletions WHERE k = 3', 'DELETE FROM rec.deletions WHERE k = 4', 'DELETE FROM rec.deletions WHERE k = 5 AND c = 1');
  yield logged(...[1, 2, 3].map((c) => `DELETE FROM rec.deletions USING TIMESTAMP ${c * 1000} WHERE k = 6 AND c = ${c}`));
}
