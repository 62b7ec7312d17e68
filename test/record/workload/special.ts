/** What is not an everyday table: counters, compact storage, marshal classes without a CQL name, views, indexes, volatile keyspaces. */
import { createTable, unlogged, type Context, type Steps } from './step.js';

const MARSHAL = 'org.apache.cassandra.db.marshal';

export function* special(context: Context): Steps {
  yield* counters();
  yield* compactStorage();
  yield* marshalClasses();
  yield* views();
  yield* indexes(context);
  yield* volatileKeyspace();
}

function* counters(): Steps {
  yield createTable('rec.counters', 'k int, c int, n counter, m counter, s counter static, PRIMARY KEY (k, c)');
  yield 'UPDATE rec.counters SET n = n + 1 WHERE k = 1 AND c = 1';
  yield 'UPDATE rec.counters SET n = n - 9223372036854775807, m = m + 5 WHERE k = 1 AND c = 1';
  yield 'UPDATE rec.counters SET s = s + 3 WHERE k = 1';
  yield 'BEGIN COUNTER BATCH UPDATE rec.counters SET n = n + 1 WHERE k = 1 AND c = 2; UPDATE rec.counters SET n = n + 2 WHERE k = 1 AND c = 3; APPLY BATCH';
  yield 'DELETE n FROM rec.counters WHERE k = 1 AND c = 1';
  yield 'DELETE FROM rec.counters WHERE k = 1';
}

function* compactStorage(): Steps {
  const compact = { with: 'COMPACT STORAGE' };
  yield createTable('rec.compact_dense', 'k int, c text, d int, v blob, PRIMARY KEY (k, c, d)', compact);
  yield "INSERT INTO rec.compact_dense (k, c, d, v) VALUES (1, 'a', 1, 0x01)";
  yield "INSERT INTO rec.compact_dense (k, c, v) VALUES (1, 'no second clustering', 0x02)";
  yield "DELETE FROM rec.compact_dense WHERE k = 1 AND c = 'a'";
  yield "DELETE FROM rec.compact_dense WHERE k = 1 AND c = 'a' AND d = 1";
  yield createTable('rec.compact_static', 'k text PRIMARY KEY, a int, b text', compact);
  yield "INSERT INTO rec.compact_static (k, a, b) VALUES ('one', 1, 'x')";
  yield "UPDATE rec.compact_static USING TTL 100 SET b = 'y' WHERE k = 'one'";
  yield "DELETE a FROM rec.compact_static WHERE k = 'one'";
  yield "DELETE FROM rec.compact_static WHERE k = 'one'";
  yield createTable('rec.compact_keys', 'k int, a text, b int, PRIMARY KEY (k, a, b)', compact);
  yield "INSERT INTO rec.compact_keys (k, a, b) VALUES (1, 'a', 1)";
  yield "DELETE FROM rec.compact_keys WHERE k = 1 AND a = 'a' AND b = 1";
  yield createTable('rec.compact_one', 'k int, c int, v text, PRIMARY KEY (k, c)', compact);
  yield "INSERT INTO rec.compact_one (k, c, v) VALUES (1, 1, 'one')";
  yield 'DELETE FROM rec.compact_one WHERE k = 1 AND c > 0';
  yield createTable('rec.compact_counter', 'k int PRIMARY KEY, n counter', compact);
  yield 'UPDATE rec.compact_counter SET n = n + 1 WHERE k = 1';
  yield createTable('rec.compact_before', 'k int, c int, v text, PRIMARY KEY (k, c)', compact);
  yield "INSERT INTO rec.compact_before (k, c, v) VALUES (1, 1, 'compact')";
  yield 'ALTER TABLE rec.compact_before DROP COMPACT STORAGE';
  yield "INSERT INTO rec.compact_before (k, c, v) VALUES (1, 2, 'no more')";
}

function* marshalClasses(): Steps {
  const composite = `'${MARSHAL}.CompositeType(${MARSHAL}.Int32Type,${MARSHAL}.UTF8Type)'`;
  const dynamic = `'${MARSHAL}.DynamicCompositeType(b=>${MARSHAL}.BytesType,i=>${MARSHAL}.Int32Type,s=>${MARSHAL}.UTF8Type,r=>${MARSHAL}.ReversedType(${MARSHAL}.LongType))'`;
  const lexical = `'${MARSHAL}.LexicalUUIDType'`;
  yield createTable('rec.composites', `k ${composite}, c ${composite}, d ${dynamic}, x ${lexical}, v ${composite}, w ${dynamic}, y ${lexical}, l list<${composite}>, ` +
    'PRIMARY KEY (k, c, d, x)', { with: 'CLUSTERING ORDER BY (c DESC, d ASC, x DESC)' });
  const uuid = "'ffffffff-ffff-1fff-bf7f-7f7f7f7f7f7f'";
  yield `INSERT INTO rec.composites (k, c, d, x, v, w, y) VALUES ('1:a', '2:b', 'i@42:s@hello', ${uuid}, '-1:', 'b@00ff', ${uuid})`;
  yield `INSERT INTO rec.composites (k, c, d, x, v) VALUES ('1:a', '2:b\\:c', 's@x', ${uuid}, '7')`;
  yield `UPDATE rec.composites SET l = ['1:a', '2'] WHERE k = '1:a' AND c = '2' AND d = 'i@1' AND x = ${uuid}`;
  yield "DELETE FROM rec.composites WHERE k = '1:a' AND c >= '2:b'";
  yield `DELETE FROM rec.composites WHERE k = '1:a' AND c = '2:b' AND d = 'i@42:s@hello' AND x = ${uuid}`;
  yield createTable('rec.legacy', `k '${MARSHAL}.BytesType' PRIMARY KEY, a '${MARSHAL}.DateType', b '${MARSHAL}.IntegerType', c '${MARSHAL}.UTF8Type', d '${MARSHAL}.LongType', e '${MARSHAL}.EmptyType'`);
  yield "INSERT INTO rec.legacy (k, a, b, c, d) VALUES (0x01, '2024-01-01T00:00:00.000+0000', 12345678901234567890, 'x', 5)";
}

function* views(): Steps {
  yield createTable('rec.viewed', 'k int, c int, v int, w text, PRIMARY KEY (k, c)');
  yield 'CREATE MATERIALIZED VIEW rec.view_by_v AS SELECT k, c, v, w FROM rec.viewed WHERE k IS NOT NULL AND c IS NOT NULL AND v IS NOT NULL PRIMARY KEY (v, k, c)';
  yield "INSERT INTO rec.viewed (k, c, v, w) VALUES (1, 1, 10, 'x')";
  yield 'UPDATE rec.viewed SET v = 11 WHERE k = 1 AND c = 1';
  yield "UPDATE rec.viewed SET w = 'y' WHERE k = 1 AND c = 1";
  yield 'UPDATE rec.viewed USING TTL 300 SET v = 12 WHERE k = 1 AND c = 1';
  yield 'DELETE v FROM rec.viewed WHERE k = 1 AND c = 1';
  yield 'INSERT INTO rec.viewed (k, c, v) VALUES (1, 2, 20)';
  yield 'DELETE FROM rec.viewed WHERE k = 1';
}

function* indexes(context: Context): Steps {
  yield createTable('rec.indexed', 'k int, c int, v int, t text, s set<text>, m map<text, int>, PRIMARY KEY (k, c)');
  yield 'CREATE INDEX indexed_v ON rec.indexed (v)';
  yield 'CREATE INDEX indexed_s ON rec.indexed (VALUES(s))';
  yield 'CREATE INDEX indexed_m ON rec.indexed (KEYS(m))';
  if (context.is5) yield "CREATE INDEX indexed_t ON rec.indexed (t) USING 'sai'";
  yield "INSERT INTO rec.indexed (k, c, v, t, s, m) VALUES (1, 1, 1, 'text', {'a'}, {'b': 1})";
  yield unlogged('UPDATE rec.indexed SET v = 2 WHERE k = 1 AND c = 1', "UPDATE rec.indexed SET s = s + {'z'} WHERE k = 1 AND c = 2");
  yield 'TRUNCATE rec.indexed';
  yield "INSERT INTO rec.indexed (k, c, t) VALUES (2, 1, 'after truncate')";
}

/** Its rows never reach the log; its schema does. */
function* volatileKeyspace(): Steps {
  yield "CREATE KEYSPACE rec_volatile WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1} AND durable_writes = false";
  yield createTable('rec_volatile.rows', 'k int PRIMARY KEY, v text');
  yield "INSERT INTO rec_volatile.rows (k, v) VALUES (1, 'not in the log')";
}
