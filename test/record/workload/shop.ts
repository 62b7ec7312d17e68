/** A small shop: what `npm start` shows. Ordinary tables, ordinary statements, everything that an event can be at least once. */
import { range, type Steps } from './step.js';

const CDC = 'cdc = true';
const ADA = '7f1c2f6e-9d4b-4f0e-8d53-1b8d7c1f0a01';
const GRACE = '7f1c2f6e-9d4b-4f0e-8d53-1b8d7c1f0a02';
const LINUS = '7f1c2f6e-9d4b-4f0e-8d53-1b8d7c1f0a03';

export function* shopSchema(): Steps {
  yield "CREATE KEYSPACE shop WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}";
  yield 'CREATE TYPE shop.address (street text, city text, zip text, country text)';
  yield 'CREATE TYPE shop.point (lat double, lon double)';
  yield `CREATE TABLE shop.customers (id uuid PRIMARY KEY, name text, email text, home address, tags set<text>, since date) WITH ${CDC}`;
  yield 'CREATE TABLE shop.orders (customer uuid, id int, status text, total decimal, items map<text, int>, history list<text>, open_orders int static, ' +
    `PRIMARY KEY (customer, id)) WITH CLUSTERING ORDER BY (id DESC) AND ${CDC}`;
  yield `CREATE TABLE shop.products (sku text PRIMARY KEY, name text, price decimal, stock int, embedding vector<float, 3>) WITH ${CDC}`;
  yield `CREATE TABLE shop.readings (sensor text, day date, at timestamp, temperature double, humidity float, PRIMARY KEY ((sensor, day), at)) WITH CLUSTERING ORDER BY (at DESC) AND ${CDC}`;
  yield `CREATE TABLE shop.events (id uuid PRIMARY KEY, kind text, payload text) WITH ${CDC}`;
  yield `CREATE TABLE shop.locations (vehicle text, at timestamp, position frozen<point>, speed_kmh float, PRIMARY KEY (vehicle, at)) WITH ${CDC}`;
  yield 'CREATE TABLE shop.audit (day date, at timestamp, who text, what text, PRIMARY KEY (day, at))';
}

export function* shop(): Steps {
  yield* customers();
  yield* products();
  yield* orders();
  yield* readings();
  yield* events();
  yield* locations();
  yield* leaving();
}

function* customers(): Steps {
  const insert = 'INSERT INTO shop.customers (id, name, email, home, tags, since) VALUES';
  yield `${insert} (${ADA}, 'Ada Lovelace', 'ada@example.com', {street: '12 St James''s Square', city: 'London', zip: 'SW1Y 4JH', country: 'GB'}, {'new'}, '2024-12-10')`;
  yield `${insert} (${GRACE}, 'Grace Hopper', 'grace@example.com', {street: '1 Navy Yard', city: 'Arlington', zip: '22201', country: 'US'}, {'new', 'newsletter'}, '2025-01-09')`;
  yield `${insert} (${LINUS}, 'Linus Åkesson', null, null, {}, '2025-06-01')`;
  yield `UPDATE shop.customers SET tags = tags + {'vip'} WHERE id = ${ADA}`;
  yield `UPDATE shop.customers SET tags = tags - {'new'}, email = 'ada.l@example.com' WHERE id = ${ADA}`;
  yield `UPDATE shop.customers SET home.street = '2 Quai Voltaire', home.city = 'Paris', home.country = 'FR' WHERE id = ${GRACE}`;
  yield `INSERT INTO shop.customers (id, name) VALUES (${ADA}, 'nobody') IF NOT EXISTS`;
  yield `UPDATE shop.customers SET email = 'linus@example.com' WHERE id = ${LINUS} IF name = 'Linus Åkesson'`;
}

function* products(): Steps {
  const insert = 'INSERT INTO shop.products (sku, name, price, stock, embedding) VALUES';
  yield `${insert} ('tea-001', 'Assam, 250 g', 8.90, 120, [0.12, 0.85, -0.33])`;
  yield `${insert} ('tea-002', 'Sencha, 100 g', 12.50, 40, [0.10, 0.91, -0.28])`;
  yield `${insert} ('mug-007', 'Mug "Mutation", 0.3 l', 14.00, 25, [-0.72, 0.05, 0.61])`;
  yield "UPDATE shop.products SET stock = 118 WHERE sku = 'tea-001'";
  yield "UPDATE shop.products USING TTL 86400 SET price = 9.90 WHERE sku = 'tea-002'";
  yield "UPDATE shop.products SET embedding = null WHERE sku = 'mug-007'";
}

function* orders(): Steps {
  yield `INSERT INTO shop.orders (customer, id, status, total, items, history, open_orders) VALUES (${ADA}, 1, 'new', 31.80, {'tea-001': 2, 'mug-007': 1}, ['created'], 1)`;
  yield `UPDATE shop.orders SET status = 'paid', history = history + ['paid by card'] WHERE customer = ${ADA} AND id = 1`;
  yield `UPDATE shop.orders SET items['tea-002'] = 1, total = 44.30 WHERE customer = ${ADA} AND id = 1`;
  yield `DELETE items['mug-007'] FROM shop.orders WHERE customer = ${ADA} AND id = 1`;
  // An order and its trace in one batch: two partitions, the second without CDC.
  yield 'BEGIN BATCH ' +
    `INSERT INTO shop.orders (customer, id, status, total, items) VALUES (${GRACE}, 1, 'new', 12.50, {'tea-002': 1}); ` +
    "INSERT INTO shop.audit (day, at, who, what) VALUES ('2026-11-20', '2026-11-20T09:15:00Z', 'grace', 'order 1'); APPLY BATCH";
  yield 'BEGIN UNLOGGED BATCH ' + range(3).map((i) => `INSERT INTO shop.orders (customer, id, status, total) VALUES (${LINUS}, ${i + 1}, 'new', ${(i + 1) * 8}.90);`).join(' ') +
    ` UPDATE shop.orders SET open_orders = 3 WHERE customer = ${LINUS}; APPLY BATCH`;
  yield 'ALTER TABLE shop.orders ADD carrier text';
  yield `UPDATE shop.orders SET status = 'shipped', carrier = 'Northwind', history = history + ['shipped'] WHERE customer = ${ADA} AND id = 1`;
  yield `DELETE FROM shop.orders WHERE customer = ${LINUS} AND id = 2`;
  yield `DELETE FROM shop.orders WHERE customer = ${LINUS} AND id >= 3`;
  yield `UPDATE shop.orders SET open_orders = 1 WHERE customer = ${LINUS}`;
}

function* readings(): Steps {
  for (const sensor of ['cellar', 'roof']) {
    for (const i of range(5)) {
      const temperature = (sensor === 'roof' ? 3.5 : 12.25) + i / 4;
      yield `INSERT INTO shop.readings (sensor, day, at, temperature, humidity) VALUES ('${sensor}', '2026-11-20', '2026-11-20T0${i + 1}:00:00Z', ${temperature}, ${60 + i}.5) USING TTL 2592000`;
    }
  }
  yield "DELETE FROM shop.readings WHERE sensor = 'roof' AND day = '2026-11-20' AND at >= '2026-11-20T02:00:00Z' AND at < '2026-11-20T04:00:00Z'";
  yield "DELETE FROM shop.readings WHERE sensor = 'cellar' AND day = '2026-11-19'";
}

function* events(): Steps {
  const insert = 'INSERT INTO shop.events (id, kind, payload) VALUES';
  yield `${insert} (0b6f0e9a-3f63-4e3b-9a70-6b1a4c5d0001, 'search', '{"query":"green tea","hits":2,"ms":12.5}')`;
  yield `${insert} (0b6f0e9a-3f63-4e3b-9a70-6b1a4c5d0002, 'login', '{"user":"ada","ok":true,"agent":{"os":"linux","mobile":false}}')`;
  yield `${insert} (0b6f0e9a-3f63-4e3b-9a70-6b1a4c5d0003, 'broken', '{"cut off":')`;
}

function* locations(): Steps {
  const track = [[50.0875, 14.4213], [50.0899, 14.4287], [50.0934, 14.4391], [50.0981, 14.4502]];
  for (const [i, [lat, lon]] of track.entries()) {
    yield `INSERT INTO shop.locations (vehicle, at, position, speed_kmh) VALUES ('van-3', '2026-11-20T10:0${i}:30Z', {lat: ${lat}, lon: ${lon}}, ${28 + i * 3.5})`;
  }
}

/** A customer is forgotten. */
function* leaving(): Steps {
  yield `DELETE email, tags FROM shop.customers WHERE id = ${GRACE}`;
  yield `DELETE FROM shop.orders WHERE customer = ${GRACE}`;
  yield `DELETE FROM shop.customers WHERE id = ${GRACE}`;
}
