/**
 * Writes test/fixtures/cdc-id-vectors.json with the independent encoder and the reference, never with the agent's code:
 * to add vectors. Those that are there must not change: the definition is frozen.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changesOf } from '../../helpers/change-reference.js';
import type { UpdateModel } from '../../helpers/model.js';
import { encodeMutation } from '../../helpers/mutation-writer.js';
import { projectRoot } from '../../helpers/project-root.js';
import { expectedUpdate } from '../../helpers/raw-contract.js';
import { schemaRows } from '../../helpers/schema-rows.js';
import { list, map, set } from '../../helpers/type-models.js';
import { NOW, TS, column, data, deletionAt, expiring, inserted, int, live, marker, row, scalar, table, text, tombstone, update } from './log.js';

const orders = table({
  name: 'orders', key: [column('customer', scalar('int'))], clustering: [column('id', scalar('int')), column('line', scalar('int'), { reversed: true })],
  statics: [column('credit', scalar('int'))],
  regulars: [column('amount', scalar('int')), column('status', scalar('text')), column('items', map(scalar('text'), scalar('int'), false)), column('log', list(scalar('text'), false)), column('tags', set(scalar('text'), false))],
});
const pairs = table({ name: 'pairs', key: [column('a', scalar('text')), column('b', scalar('int'))], regulars: [column('v', scalar('text'))] });
const KEY = [int(42)];
const CK = [int(7), int(1)];
const ELEMENT = Buffer.from('464d80c0e6a611f199a34baeb5e27ea1', 'hex');
const of = (rest: Partial<UpdateModel>): UpdateModel => update(orders, KEY, rest);
const LATE = { markedForDeleteAt: TS, localDeletionTime: 4_000_000_000 };

const VECTORS: readonly { readonly name: string; readonly version: 7 | 8; readonly updates: readonly UpdateModel[] }[] = [
  { name: 'partition deletion', version: 7, updates: [of({ deletion: deletionAt() })] },
  { name: 'partition deletion, composite key', version: 7, updates: [update(pairs, [text('x'), int(-1)], { deletion: deletionAt() })] },
  { name: 'partition deletion after 2038', version: 8, updates: [of({ deletion: LATE })] },
  { name: 'row deletion', version: 7, updates: [of({ items: [row(CK, [], { deletion: deletionAt() })] })] },
  { name: 'key-only insert', version: 7, updates: [of({ items: [row(CK, [], inserted)] })] },
  { name: 'insert', version: 7, updates: [of({ items: [row(CK, [data(orders, 'amount', [live(int(-5))]), data(orders, 'status', [live(text('żółw'))])], inserted)] })] },
  { name: 'insert with TTL', version: 7, updates: [of({ items: [row(CK, [data(orders, 'status', [expiring(text('new'), 60)])], { liveness: { timestamp: TS, ttl: 60, localExpirationTime: NOW + 60 } })] })] },
  { name: 'update with an empty value and a null', version: 7, updates: [of({ items: [row(CK, [data(orders, 'amount', [tombstone()]), data(orders, 'status', [live(text(''))])])] })] },
  { name: 'timestamps at the ends', version: 7, updates: [of({ items: [row(CK, [data(orders, 'amount', [live(int(1), { timestamp: -(2n ** 63n) + 1n })]), data(orders, 'status', [live(text('x'), { timestamp: 2n ** 63n - 1n })])])] })] },
  { name: 'empty and null clustering values', version: 7, updates: [of({ items: [row([Buffer.alloc(0), null], [], inserted)] })] },
  { name: 'collections', version: 7, updates: [of({ items: [row(CK, [
    data(orders, 'items', [tombstone({ path: text('mug') }), live(int(2), { path: text('tea') })]),
    data(orders, 'log', [live(text('paid'), { path: ELEMENT })]), data(orders, 'tags', [live(text(''), { path: text('vip') })], deletionAt(TS - 1n)),
  ])] })] },
  { name: 'collection emptied', version: 7, updates: [of({ items: [row(CK, [data(orders, 'tags', [], deletionAt(TS - 1n))])] })] },
  { name: 'static row', version: 7, updates: [of({ staticRow: row([], [data(orders, 'credit', [live(int(100))])]) })] },
  { name: 'open range', version: 7, updates: [of({ items: [marker('INCL_START_BOUND', [int(3)], { open: deletionAt() }), marker('INCL_END_BOUND', [], { close: deletionAt() })] })] },
  { name: 'adjacent ranges', version: 7, updates: [of({ items: [
    marker('EXCL_START_BOUND', [int(1)], { open: deletionAt() }), marker('EXCL_END_INCL_START_BOUNDARY', [int(5), int(2)], { close: deletionAt(), open: deletionAt(TS + 1n) }),
    marker('EXCL_END_BOUND', [int(9)], { close: deletionAt(TS + 1n) }),
  ] })] },
  { name: 'row deleted and written', version: 7, updates: [of({ items: [row(CK, [data(orders, 'status', [live(text('again'))])], { ...inserted, deletion: deletionAt(TS - 1n) })] })] },
];

const vectors = VECTORS.map(({ name, version, updates }) => {
  const raw = updates.map((one) => expectedUpdate(one, version === 8 ? 'v8' : 'v7-by-5'));
  const changes = changesOf(raw).map(({ op, scope, canonical, id }) => ({ op, scope, canonical, id }));
  return { name, version, mutation: encodeMutation({ updates }, '5').toString('hex'), updates: raw, changes };
});
const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n');
const schema = schemaRows({ keyspaces: ['shop'], userTypes: [], tables: [orders, pairs] });
writeFileSync(join(projectRoot, 'test/fixtures/cdc-id-vectors.json'), `{\n  "version": 1,\n  "schema": ${JSON.stringify(schema)},\n  "vectors": [\n${lines}\n  ]\n}\n`);
