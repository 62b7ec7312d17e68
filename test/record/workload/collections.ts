/** Collections and user-defined types: assigned, appended, prepended, indexed, removed, frozen and nested. */
import { createTable, logged, range, type Steps } from './step.js';

const PERSON = "{name: 'Ada', addr: {street: 'S', zip: 1, tags: {'x', 'y'}}, phones: {'home': '1', 'work': ''}}";

export function* collections(): Steps {
  yield 'CREATE TYPE rec.address (street text, zip int, tags frozen<set<text>>)';
  yield 'CREATE TYPE rec.person (name text, addr frozen<address>, phones frozen<map<text, text>>)';
  yield createTable('rec.collections', 'k int, c int, l list<int>, lt list<text>, s set<text>, si set<int>, m map<text, int>, mt map<timeuuid, text>, ' +
    'sf set<frozen<tuple<int, text>>>, mf map<frozen<list<int>>, frozen<map<text, int>>>, u address, up person, ' +
    'fl frozen<list<text>>, fm frozen<map<text, frozen<list<frozen<set<int>>>>>>, fu frozen<person>, lp list<frozen<person>>, ' +
    'ss set<int> static, sm map<text, text> static, su address static, plain text, PRIMARY KEY (k, c)');
  yield* lists();
  yield* sets();
  yield* maps();
  yield* userTypes();
  yield* frozen();
  yield* statics();
  yield* largeOnes();
}

function row(c: number): string {
  return `WHERE k = 1 AND c = ${c}`;
}

function* lists(): Steps {
  yield "INSERT INTO rec.collections (k, c, l, lt) VALUES (1, 1, [3, 1, 2], ['', 'b'])";
  yield `UPDATE rec.collections SET l = l + [4, 5] ${row(1)}`;
  yield `UPDATE rec.collections SET l = [-1, 0] + l ${row(1)}`;
  yield `UPDATE rec.collections SET l[0] = 100 ${row(1)}`;
  yield `UPDATE rec.collections USING TTL 1000 SET l[1] = 101 ${row(1)}`;
  yield `UPDATE rec.collections SET l = l - [1, 2] ${row(1)}`;
  yield `DELETE l[0] FROM rec.collections ${row(1)}`;
  yield `DELETE lt FROM rec.collections ${row(1)}`;
  yield `UPDATE rec.collections SET l = [], lt = null ${row(1)}`;
  yield `UPDATE rec.collections USING TTL 86400 SET l = [7, 7, 7] ${row(2)}`;
}

function* sets(): Steps {
  yield "INSERT INTO rec.collections (k, c, s, si, sf) VALUES (1, 3, {'b', 'a', ''}, {-1, 0, 1}, {(1, 'a'), (1, null), (null, null)})";
  yield `UPDATE rec.collections SET s = s + {'c'}, si = si + {2147483647, -2147483648} ${row(3)}`;
  yield `UPDATE rec.collections SET s = s - {'a', 'absent'} ${row(3)}`;
  yield `DELETE s['b'] FROM rec.collections ${row(3)}`;
  yield `UPDATE rec.collections SET sf = sf - {(1, 'a')} ${row(3)}`;
  yield `UPDATE rec.collections SET s = {}, si = null ${row(3)}`;
  yield logged(`UPDATE rec.collections SET s = {'new'} ${row(4)}`, `UPDATE rec.collections SET s = s + {'more'}, plain = 'x' ${row(4)}`);
}

function* maps(): Steps {
  yield "INSERT INTO rec.collections (k, c, m, mt, mf) VALUES (1, 5, {'a': 1, '': 2}, {50554d6e-29bb-11e5-b345-feff819cdc9f: 'x'}, {[1, 2]: {'p': 1}, []: {}})";
  yield `UPDATE rec.collections SET m['c'] = 3 ${row(5)}`;
  yield `UPDATE rec.collections SET m = m + {'d': 4, 'e': 5} ${row(5)}`;
  yield `UPDATE rec.collections USING TTL 60 SET m['ttl'] = 6 ${row(5)}`;
  yield `UPDATE rec.collections SET m['a'] = null ${row(5)}`;
  yield `UPDATE rec.collections SET m = m - {'c', 'd'} ${row(5)}`;
  yield `DELETE m['e'], mf[[1, 2]] FROM rec.collections ${row(5)}`;
  yield `UPDATE rec.collections SET mt = {}, m = {'only': 1} ${row(5)}`;
  yield `UPDATE rec.collections USING TIMESTAMP 5 SET m['old'] = -1 ${row(5)}`;
}

function* userTypes(): Steps {
  yield "INSERT INTO rec.collections (k, c, u) VALUES (1, 6, {street: 'Main', zip: 1, tags: {'a'}})";
  yield `UPDATE rec.collections SET u.zip = 2 ${row(6)}`;
  yield `UPDATE rec.collections SET u.street = null, u.tags = {} ${row(6)}`;
  yield `DELETE u.zip FROM rec.collections ${row(6)}`;
  yield `UPDATE rec.collections USING TTL 77 SET u.street = 'gone soon' ${row(6)}`;
  yield `UPDATE rec.collections SET u = null ${row(6)}`;
  yield `UPDATE rec.collections SET up = ${PERSON} ${row(6)}`;
  yield `UPDATE rec.collections SET up.addr = {street: null} ${row(6)}`;
}

function* frozen(): Steps {
  yield `INSERT INTO rec.collections (k, c, fl, fm, fu, lp) VALUES (1, 7, ['', 'x'], {'a': [{1, 2}, {}], 'b': []}, ${PERSON}, [${PERSON}, {name: null}])`;
  yield `UPDATE rec.collections SET fl = [], fm = {}, fu = null ${row(7)}`;
  yield 'ALTER TYPE rec.address ADD country text';
  yield `UPDATE rec.collections SET fu = {name: 'longer', addr: {street: 'S', country: 'CZ'}} ${row(7)}`;
  yield `UPDATE rec.collections SET u.country = 'DE' ${row(7)}`;
  yield 'ALTER TYPE rec.address RENAME zip TO postcode';
  yield `UPDATE rec.collections SET u = {street: 'T', postcode: 5, tags: {'z'}, country: ''} ${row(7)}`;
}

function* statics(): Steps {
  yield "INSERT INTO rec.collections (k, ss, sm, su) VALUES (2, {1, 2}, {'a': 'b'}, {street: 'static'})";
  yield "UPDATE rec.collections SET ss = ss + {3}, sm['c'] = 'd', su.postcode = 9 WHERE k = 2";
  yield "INSERT INTO rec.collections (k, c, ss, l, plain) VALUES (2, 1, {9}, [1], 'with a static')";
  yield 'DELETE ss, sm FROM rec.collections WHERE k = 2';
  yield "UPDATE rec.collections SET ss = ss - {1}, sm = sm - {'c'} WHERE k = 2";
}

function* largeOnes(): Steps {
  yield `UPDATE rec.collections SET m = {${range(300).map((i) => `'key${i}': ${i}`).join(', ')}} ${row(8)}`;
  yield `UPDATE rec.collections SET l = l + [${range(200).join(', ')}] ${row(8)}`;
  yield `UPDATE rec.collections SET lt = lt + ['${'long '.repeat(500)}'] ${row(8)}`;
  yield `UPDATE rec.collections SET fl = [${range(1000).map((i) => `'${i}'`).join(', ')}] ${row(8)}`;
}
