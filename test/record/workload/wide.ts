/** Rows of keys only, tables around and beyond 64 columns, and large values. */
import { createTable, range, unlogged, type Steps } from './step.js';

export function* wide(): Steps {
  yield* keysOnly();
  for (const count of [63, 64, 65, 130]) yield* columns(count);
  yield* largeValues();
}

function* keysOnly(): Steps {
  yield createTable('rec.key_only', 'k int PRIMARY KEY');
  yield 'INSERT INTO rec.key_only (k) VALUES (1)';
  yield 'INSERT INTO rec.key_only (k) VALUES (2) USING TTL 100';
  yield 'DELETE FROM rec.key_only WHERE k = 1';
  yield createTable('rec.key_only3', 'k int, a text, b int, PRIMARY KEY (k, a, b)', { with: 'CLUSTERING ORDER BY (a ASC, b DESC)' });
  yield unlogged(...range(5).map((b) => `INSERT INTO rec.key_only3 (k, a, b) VALUES (1, 'a', ${b})`));
  yield "DELETE FROM rec.key_only3 WHERE k = 1 AND a = 'a' AND b = 3";
  yield "DELETE FROM rec.key_only3 WHERE k = 1 AND a = 'a'";
  yield createTable('rec.static_only', 'k int, c int, s text static, PRIMARY KEY (k, c)');
  yield "INSERT INTO rec.static_only (k, s) VALUES (1, 'x')";
  yield "INSERT INTO rec.static_only (k, c, s) VALUES (1, 1, 'y')";
}

/**
 * One mutation with rows that hold different parts of its columns: a bitmap below 64 columns; from 64 on the list of
 * the columns present or missing, whichever is shorter.
 */
function* columns(count: number): Steps {
  const table = `rec.columns${count}`;
  const names = range(count).map((i) => `c${String(i).padStart(3, '0')}`);
  const types = ['int', 'text', 'set<int>', 'boolean', 'frozen<list<int>>'];
  const values = ['1', "'t'", '{1}', 'true', '[1]'];
  yield createTable(table, `k int, c int, ${names.map((name, i) => `${name} ${types[i % types.length]}`).join(', ')}, PRIMARY KEY (k, c)`);
  const insert = (c: number, present: (i: number) => boolean): string => {
    const chosen = range(count).filter(present);
    return `INSERT INTO ${table} (k, c${chosen.map((i) => `, ${names[i]}`).join('')}) VALUES (1, ${c}${chosen.map((i) => `, ${values[i % values.length]}`).join('')})`;
  };
  yield insert(0, () => true);
  yield insert(1, (i) => i === count - 1);
  yield unlogged(
    insert(10, () => true),
    insert(11, () => false),
    insert(12, (i) => i === 0),
    insert(13, (i) => i === count - 1),
    insert(14, (i) => i !== 0),
    insert(15, (i) => i !== count - 1),
    insert(16, (i) => i % 2 === 0),
    insert(17, (i) => i % 2 === 1),
    insert(18, (i) => i < count / 2),
    insert(19, (i) => i >= count / 2),
    insert(20, (i) => i % 10 === 3),
    insert(21, (i) => i % 10 !== 3),
    `DELETE ${names.slice(3, 9).join(', ')} FROM ${table} WHERE k = 1 AND c = 22`);
  yield unlogged(insert(30, (i) => i < count - 1 && i % 7 !== 0), insert(31, (i) => i % 7 === 1));
}

function* largeValues(): Steps {
  yield createTable('rec.large', 'k text, c text, t text, b blob, l list<text>, fl frozen<list<text>>, PRIMARY KEY (k, c)');
  const text = (length: number): string => 'All work and no play makes a dull log. '.repeat(Math.ceil(length / 39)).slice(0, length);
  const insert = 'INSERT INTO rec.large (k, c, t, b) VALUES (?, ?, ?, ?)';
  for (const length of [4095, 4096, 4097, 65_534, 65_535, 65_536, 70_000]) {
    yield { cql: insert, params: ['sizes', String(length), text(length), null] };
  }
  yield { cql: insert, params: ['blob', 'b', null, Buffer.alloc(200_000, 'cassandra')] };
  yield { cql: insert, params: ['text', 't', text(300_000), Buffer.alloc(0)] };
  yield { cql: insert, params: ['both', '', text(150_000), Buffer.alloc(250_000, 7)] };
  yield { cql: 'UPDATE rec.large SET l = l + ? WHERE k = ? AND c = ?', params: [[text(66_000), '', text(1000)], 'list', 'l'] };
  yield { cql: 'UPDATE rec.large SET fl = ? WHERE k = ? AND c = ?', params: [[text(66_000), text(66_000)], 'list', 'fl'] };
  yield { cql: insert, params: ['k'.repeat(65_535), 'longest partition key', 'x', null] };
  yield { cql: insert, params: ['long clustering', 'c'.repeat(60_000), 'x', null] };
  yield { cql: 'DELETE FROM rec.large WHERE k = ? AND c > ?', params: ['long clustering', 'c'.repeat(60_000)] };
}
