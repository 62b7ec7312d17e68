/** What the configuration changes in events, and what it never does: ids, keys of rows, other columns. */
import { expect } from 'chai';
import { createHash, createHmac } from 'node:crypto';
import { NO_FEATURES, type EventFeatures } from '../../../agent/serializer/event-features.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { collect, type Seen } from '../events/collect.js';
import { bigint, column, data, deletionAt, inserted, int, live, mutation, row, scalar, table, text, tombstone, update } from '../events/log.js';

const people = table({
  name: 'people', key: [column('id', scalar('int'))], clustering: [column('seq', scalar('int'))],
  regulars: [column('at', scalar('timestamp')), column('card', scalar('text')), column('email', scalar('text')), column('payload', scalar('text'))],
});
const tables = tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [people] });
const written = (...cells: Parameters<typeof row>[1]): Buffer => mutation(update(people, [int(7)], { items: [row([int(1)], cells, inserted)] }));
const whole = written(
  data(people, 'at', [live(bigint(1_700_000_000_123n))]), data(people, 'card', [live(text('4111'))]),
  data(people, 'email', [live(text('ada@example.com'))]), data(people, 'payload', [live(text('{"a":1e400,\n "b":[]}'))]),
);

function event(features: Partial<EventFeatures>, bytes = whole): Seen {
  return collect(tables, [bytes], { features: { ...NO_FEATURES, ...features } }).events[0];
}
const after = ({ value }: Seen): Record<string, unknown> => (JSON.parse(value) as { after: Record<string, unknown> }).after;
const mask = (masks: Readonly<Record<string, 'drop' | 'hash'>>): EventFeatures['maskOf'] => (name, one) => (name === 'shop.people' ? (masks[one] ?? 'show') : 'show');

describe('event features', () => {
  const plain = event({});

  it('leave a column out of everything but the id', () => {
    const masked = event({ maskOf: mask({ card: 'drop' }) });
    const { card, ...rest } = after(plain);
    expect(card).to.equal('4111');
    expect(after(masked)).to.deep.equal(rest);
    expect(masked.value).to.not.include('4111').and.not.include('card');
    expect([masked.id, masked.key]).to.deep.equal([plain.id, plain.key]);
  });

  it('leave the times of a masked column out too', () => {
    const other = written(data(people, 'card', [live(text('4111'), { timestamp: 5n })]), data(people, 'email', [live(text('x'))]));
    expect(JSON.parse(event({}, other).value)).to.have.nested.property('cells.card');
    expect(JSON.parse(event({ maskOf: mask({ card: 'drop' }) }, other).value)).to.have.property('cells', null);
  });

  it('hash a value the same way every time, with the key where there is one, and a null to null', () => {
    const json = '"ada@example.com"';
    expect(after(event({ maskOf: mask({ email: 'hash' }) }))['email']).to.equal(createHash('sha256').update(json).digest('hex'));
    expect(after(event({ maskOf: mask({ email: 'hash' }), hashKey: 'k' }))['email']).to.equal(createHmac('sha256', 'k').update(json).digest('hex'));
    expect(after(event({ maskOf: mask({ email: 'hash' }) }, written(data(people, 'email', [tombstone()]))))['email']).to.equal(null);
  });

  it('hash key columns in key and row alike, and never drop them', () => {
    const hashed = event({ maskOf: mask({ id: 'hash', seq: 'drop' }) });
    const id = createHash('sha256').update('7').digest('hex');
    expect(JSON.parse(hashed.key)).to.deep.equal({ id, seq: 1 });
    expect(after(hashed)['id']).to.equal(id);
  });

  it('embed JSON with its own digits, on one line; what is none stays text, and is told', () => {
    const told: string[] = [];
    const features = { isJson: (_: string, name: string) => name === 'payload', onNotJson: (name: string, one: string) => void told.push(`${name}.${one}`) };
    const { value } = event(features);
    expect(value).to.include('"payload":{"a":1e400,  "b":[]}').and.not.match(/\n/);
    expect(told).to.deep.equal([]);
    expect(after(event(features, written(data(people, 'payload', [live(text('{"a":'))]))))['payload']).to.equal('{"a":');
    expect(told).to.deep.equal(['shop.people.payload']);
  });

  it('never embed JSON in a key, nor in a column that holds no text', () => {
    const documents = table({ name: 'documents', key: [column('k', scalar('text'))], clustering: [column('c', scalar('text'), { reversed: true })], regulars: [column('b', scalar('blob')), column('n', scalar('int'))] });
    const json = text('{"a": 1}');
    const bytes = mutation(update(documents, [json], { items: [row([json], [data(documents, 'b', [live(text('12'))]), data(documents, 'n', [live(text('1234'))])])] }));
    const { events: [{ key, value }] } = collect(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [documents] }), [bytes], { features: { ...NO_FEATURES, isJson: () => true } });
    expect(JSON.parse(key)).to.deep.equal({ k: '{"a": 1}', c: '{"a": 1}' });
    expect((JSON.parse(value) as { after: unknown }).after).to.deep.equal({ k: '{"a": 1}', c: '{"a": 1}', b: '0x3132', n: 0x31323334 });
  });

  it('add headers with fixed text or the value of a column that the event has, and none that is masked', () => {
    const columnHeaders = [['user', 'email'], ['n', 'seq'], ['none', 'absent'], ['hidden', 'card']] as const;
    const { headers } = event({ fixedHeaders: [['origin', 'billing']], columnHeaders, maskOf: mask({ card: 'drop' }) });
    expect(headers.slice(3)).to.deep.equal([['origin', 'billing'], ['user', 'ada@example.com'], ['n', '1']]);
    const deleted = mutation(update(people, [int(7)], { deletion: deletionAt() }));
    expect(event({ columnHeaders: [['user', 'email'], ['id', 'id']] }, deleted).headers.slice(3)).to.deep.equal([['id', '7']]);
  });

  it('add the hash of a hashed column as a header, the same as in the row', () => {
    const masked = event({ columnHeaders: [['user', 'email'], ['id', 'id']], maskOf: mask({ email: 'hash', id: 'hash' }), hashKey: 'k' });
    expect(masked.headers.slice(3)).to.deep.equal([['user', after(masked)['email']], ['id', after(masked)['id']]]);
    expect(after(masked)['email']).to.equal(createHmac('sha256', 'k').update('"ada@example.com"').digest('hex'));
  });
});
