/** `tables.columns` and `events`, as the serializer asks for them. */
import { expect } from 'chai';
import { loadConfig } from '../../../agent/config/load.js';
import { eventFeaturesOf } from '../../../agent/pipeline/event-options.js';
import type { EventFeatures } from '../../../agent/serializer/event-features.js';

function featuresOf(yaml: string): EventFeatures {
  const text = `cassandra: { contact_points: [127.0.0.1:9042] }\nkafka: { brokers: ["k1:9092"] }\n${yaml}\n`;
  const { config } = loadConfig({ text, file: 'agent.yaml', directory: '/etc', sources: { env: {}, readSecretFile: () => ({ text: '', worldReadable: false }) } });
  return eventFeaturesOf(config, () => undefined);
}

describe('event options', () => {
  const { maskOf } = featuresOf('tables: { columns: { "shop.*": { include: [id, status, "e*"], hash: [id, email, at] }, "shop.orders": { exclude: [email, id] } } }');

  it('leave out what any pattern of the table leaves out, and hash the rest of what they name', () => {
    const masks = ['status', 'total', 'email'].map((column) => [maskOf('shop.orders', column, false), maskOf('shop.customers', column, false), maskOf('other.orders', column, false)]);
    expect(masks).to.deep.equal([['show', 'show', 'show'], ['drop', 'drop', 'show'], ['drop', 'hash', 'show']]);
  });

  it('hash key columns also where they are not included, or are excluded: they can\'t be left out', () => {
    expect([maskOf('shop.customers', 'at', true), maskOf('shop.orders', 'id', true), maskOf('shop.orders', 'customer', true)]).to.deep.equal(['hash', 'hash', 'show']);
    expect(maskOf('shop.customers', 'at', false)).to.equal('drop');
  });
});
