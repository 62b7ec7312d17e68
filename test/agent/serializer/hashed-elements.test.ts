/** Hashing inside of what is not frozen: element by element, in `after` and in `cells`, and nothing readable beside it. */
import { expect } from 'chai';
import { createHash, createHmac } from 'node:crypto';
import { NO_FEATURES, type EventFeatures } from '../../../agent/serializer/event-features.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { list, map, set, userType } from '../../helpers/type-models.js';
import { collect, type Seen } from '../events/collect.js';
import { TS, column, data, deletionAt, int, live, mutation, row, scalar, table, text, tombstone, update } from '../events/log.js';

const address = { keyspace: 'shop', name: 'address', fields: [{ name: 'street', type: scalar('text') }, { name: 'zip', type: scalar('int') }] };
const people = table({
  name: 'people', key: [column('id', scalar('int'))],
  regulars: [
    column('n', scalar('int')), column('codes', map(scalar('int'), scalar('text'), false)), column('home', userType(address, false)),
    column('log', list(scalar('text'), false)), column('tags', set(scalar('text'), false)),
  ],
});
const tables = tablesOf({ keyspaces: ['shop'], userTypes: [address], tables: [people] });
const FIRST_ID = Buffer.from('0a0c0000199911f08080808080808080', 'hex');
const LAST_ID = Buffer.from('0a0d0000199911f08080808080808080', 'hex');
const ID_TEXT = ['0a0c0000-1999-11f0-8080-808080808080', '0a0d0000-1999-11f0-8080-808080808080'] as const;
const field = (position: number): Buffer => Buffer.of(0, position);
const secret = text('Ada');

const wipe = deletionAt(TS - 1n);
const bytes = mutation(update(people, [int(7)], { items: [row([], [
  data(people, 'n', [live(int(7))]),
  data(people, 'codes', [live(secret, { path: int(7) }), tombstone({ path: int(8) })], wipe),
  data(people, 'home', [live(secret, { path: field(0) }), live(int(7), { path: field(1), timestamp: 5n })]),
  data(people, 'log', [live(secret, { path: FIRST_ID, timestamp: 5n }), tombstone({ path: LAST_ID })]),
  data(people, 'tags', [live(Buffer.alloc(0), { path: secret, timestamp: 5n }), tombstone({ path: text('Bob') })]),
])] }));

function event(mask: ReturnType<EventFeatures['maskOf']>, hashKey?: string): Seen {
  return collect(tables, [bytes], { features: { ...NO_FEATURES, hashKey, maskOf: (_, name) => (name === 'id' ? 'show' : mask) } }).events[0];
}
const parsed = ({ value }: Seen): { after: Record<string, unknown>; cells: Record<string, { elements?: Record<string, unknown> }> } => JSON.parse(value) as ReturnType<typeof parsed>;
const sha = (json: string): string => createHash('sha256').update(json).digest('hex');
const [ADA, BOB, SEVEN, EIGHT] = ['"Ada"', '"Bob"', '7', '8'].map(sha);

describe('hashed elements', () => {
  const hashed = event('hash');

  it('stand in place of members, keys, values and fields, and leave ids and names of fields', () => {
    expect(parsed(hashed).after).to.deep.equal({
      id: 7, n: SEVEN,
      codes: { overwritten: true, put: { [SEVEN]: ADA }, removed: [EIGHT] },
      home: { overwritten: false, put: { street: ADA, zip: SEVEN }, removed: [] },
      log: { overwritten: false, put: [{ id: ID_TEXT[0], value: ADA }], removed: [ID_TEXT[1]] },
      tags: { overwritten: false, added: [ADA], removed: [BOB] },
    });
  });

  it('name the elements in the block of times as well', () => {
    const elements = Object.entries(parsed(hashed).cells).map(([name, { elements: times = {} }]) => [name, Object.keys(times)]);
    expect(Object.fromEntries(elements)).to.deep.equal({ home: ['zip'], log: [ID_TEXT[0]], tags: [ADA] });
  });

  it('let nothing readable out, and change neither key nor id', () => {
    expect(event('show').value).to.include('Ada').and.include('Bob');
    expect(hashed.value).to.not.match(/Ada|Bob/);
    expect([hashed.id, hashed.key, hashed.index]).to.deep.equal([event('show').id, event('show').key, 0]);
  });

  it('are made with the key where there is one', () => {
    const keyed = createHmac('sha256', 'k').update('"Ada"').digest('hex');
    expect(parsed(event('hash', 'k')).after['tags']).to.deep.include({ added: [keyed] });
    expect(parsed(event('hash', 'k')).after['home']).to.have.nested.property('put.street', keyed);
  });
});
