/** Row markers, TTLs and write times, near and far. */
import { createTable, unlogged, type Steps } from './step.js';

const FAR = '4611686018427387904';
const LAST = '9223372036854775807';
/** 20 years, the longest TTL. In segments of version 7 its end, past 2038, is cut to 2038-01-19T03:14:06. */
const LONGEST_TTL = 630_720_000;

export function* liveness(): Steps {
  yield createTable('rec.ttl', 'k int, c int, a int, b text, m map<text, int>, s int static, PRIMARY KEY (k, c)');
  yield createTable('rec.ttl_default', 'k int PRIMARY KEY, v int, s set<int>', { with: 'default_time_to_live = 864000' });
  yield* timesToLive();
  yield* writeTimes();
}

function* timesToLive(): Steps {
  yield "INSERT INTO rec.ttl (k, c, a, b) VALUES (1, 1, 1, 'x') USING TTL 3600";
  yield 'UPDATE rec.ttl USING TTL 60 SET a = 2 WHERE k = 1 AND c = 1';
  yield "UPDATE rec.ttl USING TTL 120 SET m = {'a': 1}, b = null WHERE k = 1 AND c = 1";
  yield 'UPDATE rec.ttl USING TTL 1 SET s = 1 WHERE k = 1';
  yield 'INSERT INTO rec.ttl (k, c) VALUES (1, 2) USING TTL 1';
  yield 'INSERT INTO rec.ttl (k, c, a) VALUES (1, 3, 3) USING TTL 0';
  yield `INSERT INTO rec.ttl (k, c, a) VALUES (1, 4, 4) USING TTL ${LONGEST_TTL}`;
  yield `UPDATE rec.ttl USING TTL ${LONGEST_TTL - 1} SET m['far'] = 1 WHERE k = 1 AND c = 4`;
  // Row and cells with different ends in one mutation.
  yield unlogged(
    'INSERT INTO rec.ttl (k, c, a) VALUES (2, 1, 1) USING TTL 1000 AND TIMESTAMP 1000',
    "UPDATE rec.ttl USING TTL 2000 AND TIMESTAMP 1000 SET b = 'other' WHERE k = 2 AND c = 1",
    "UPDATE rec.ttl USING TIMESTAMP 1001 SET m['forever'] = 1 WHERE k = 2 AND c = 1",
    `UPDATE rec.ttl USING TTL ${LONGEST_TTL} AND TIMESTAMP 1002 SET m['long'] = 2 WHERE k = 2 AND c = 1`,
    'DELETE FROM rec.ttl USING TIMESTAMP 10 WHERE k = 2 AND c = 2',
    'INSERT INTO rec.ttl (k, c) VALUES (2, 3) USING TIMESTAMP 1003');
  yield 'INSERT INTO rec.ttl_default (k, v) VALUES (1, 1)';
  yield 'INSERT INTO rec.ttl_default (k, v) VALUES (2, 2) USING TTL 5';
  yield 'INSERT INTO rec.ttl_default (k, v) VALUES (3, 3) USING TTL 0';
  yield 'UPDATE rec.ttl_default SET s = s + {1}, v = null WHERE k = 4';
  yield 'DELETE v FROM rec.ttl_default WHERE k = 4';
}

function* writeTimes(): Steps {
  yield createTable('rec.times', 'k int, c int, a int, b int, m map<int, int>, PRIMARY KEY (k, c)');
  for (const [c, timestamp] of ['0', '1', '-1', FAR, `-${FAR}`, LAST, '-9223372036854775807', '1442880000000000', '1442880000000001', '9007199254740993'].entries()) {
    yield `INSERT INTO rec.times (k, c, a) VALUES (1, ${c}, ${c}) USING TIMESTAMP ${timestamp}`;
    yield `UPDATE rec.times USING TIMESTAMP ${timestamp} SET m = {1: 1}, b = null WHERE k = 2 AND c = ${c}`;
  }
  // The distance between these does not fit 63 bits.
  yield unlogged(
    `INSERT INTO rec.times (k, c, a) VALUES (3, 1, 1) USING TIMESTAMP -${FAR}`,
    `UPDATE rec.times USING TIMESTAMP ${FAR} SET b = 2 WHERE k = 3 AND c = 1`,
    `UPDATE rec.times USING TIMESTAMP ${LAST} SET m[1] = 2 WHERE k = 3 AND c = 1`,
    'DELETE FROM rec.times USING TIMESTAMP -9223372036854775807 WHERE k = 3 AND c = 2',
    `INSERT INTO rec.times (k, c, a, b) VALUES (3, 3, 3, 3) USING TIMESTAMP 7`);
  yield unlogged('UPDATE rec.times USING TIMESTAMP 5 SET a = 1 WHERE k = 4 AND c = 1', 'UPDATE rec.times USING TIMESTAMP 6 SET b = 1 WHERE k = 4 AND c = 1');
}
