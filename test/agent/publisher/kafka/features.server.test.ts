/** What else is promised of the publisher, on a real broker and read by Kafka's own consumer. */
import { expect } from 'chai';
import fc from 'fast-check';
import { Kafka, logLevel } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMPRESSIONS } from '../../../../agent/publisher/kafka/compress/codec.js';
import type { RetryableError } from '../../../../agent/errors.js';
import { OversizeEventError } from '../../../../agent/publisher/kafka/faults.js';
import { KafkaPublisher } from '../../../../agent/publisher/kafka/kafka-publisher.js';
import type { PublishRecord } from '../../../../agent/publisher/kafka/port.js';
import { deliverAll, publisherOptions, verdictOn } from '../../../faults/fault-run.js';
import { JudgeConsumer, NO_FAULT, tally } from '../../../faults/judge.js';
import { recordOf } from '../../../faults/sequence.js';
import { createTopics, startKafka, type KafkaBroker } from '../../../lab/index.js';

const [MAJOR, MINOR] = process.versions.node.split('.').map(Number);
const HAS_ZSTD = MAJOR > 22 || (MAJOR === 22 && MINOR >= 15);

describe('publisher: features on a real broker', function () {
  this.timeout(300_000);
  let broker: KafkaBroker;
  let consumer: JudgeConsumer;
  before(async () => {
    broker = await startKafka();
    consumer = await JudgeConsumer.start(broker.brokers);
  });
  after(async () => {
    await consumer?.stop();
    await broker?.remove();
  });

  const kafka = (): { kafka: { brokers: readonly string[] } } => ({ kafka: { brokers: broker.brokers } });

  async function createTopic(topic: string, config: Record<string, string>): Promise<void> {
    const admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await createTopics(admin, [{ topic, numPartitions: 2, configEntries: Object.entries(config).map(([name, value]) => ({ name, value })) }]);
    await admin.disconnect();
  }

  /** In one transaction, as often as it takes: a new topic's leader is not known at once. */
  async function publishOnce(publisher: KafkaPublisher, records: readonly PublishRecord[], position: number): Promise<void> {
    for (let done = false, tries = 0; !done; tries++) {
      if (tries > 20) throw new Error('it never went through');
      if (tries > 0) await publisher.recover();
      publisher.begin();
      await publisher.append(records);
      done = await publisher.commit({ segment: 1, position, index: 0 }).then(() => true, (error: RetryableError) => {
        if (!error.retryable) throw error;
        return false;
      });
    }
  }

  for (const compression of COMPRESSIONS.filter((name) => name !== 'zstd' || HAS_ZSTD)) {
    it(`${compression}: awkward records are read by the Java client as they were written, into the Java client's partition`, async () => {
      const topic = `t-${compression}`;
      const text = fc.string({ unit: 'binary', maxLength: 300 });
      const long = text.map((part) => part.repeat(400));
      const records = fc.sample(fc.tuple(text, fc.option(fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: long })), fc.array(fc.tuple(text, text), { maxLength: 3 }), fc.integer({ min: 0, max: Date.now() })), 300)
        .map(([key, value, headers, timestamp]) => recordOf(topic, key, value, { headers, timestamp }));
      const publisher = new KafkaPublisher(publisherOptions({ brokers: broker.brokers, topic, publisher: { ...kafka(), compression } }));
      await publisher.recover();
      await publishOnce(publisher, records, 1);
      await publisher.close();
      const seen = await consumer.read(topic);
      const form = (key: Buffer | null, value: Buffer | null, headers: readonly (readonly [string, Buffer | string | null])[], timestamp: number): string =>
        JSON.stringify([key?.toString('hex'), value?.toString('hex') ?? null, headers.map(([name, content]) => [name, Buffer.from(content ?? '').toString('hex')]), timestamp]);
      const written = records.map(({ bytes, keyStart, keyEnd, valueStart, valueEnd, headers, timestamp }) =>
        form(bytes.subarray(keyStart, keyEnd), valueStart < 0 ? null : bytes.subarray(valueStart, valueEnd), headers.map(([name, content]) => [Buffer.from(name).toString(), content]), timestamp));
      expect(seen.map(({ key, value, headers, timestamp }) => form(key, value, headers, timestamp)).sort()).to.deep.equal(written.sort());
    });
  }

  it('a required topic that is missing is named, and when it appears the delivery goes on', async () => {
    const topic = 't-missing';
    await deliverAll({ brokers: broker.brokers, topic: 't-missing-warm', mutations: 1 });
    const delivered = deliverAll({ brokers: broker.brokers, topic, mutations: 100, publisher: { ...kafka(), topics: { create: false, partitions: 2, replicationFactor: 1, config: {} } } });
    await sleep(1500);
    await createTopic(topic, {});
    const { faults, sequence } = await delivered;
    expect(faults[0]).to.equal('kafka_topic_missing');
    expect(tally(await verdictOn(consumer, topic, sequence))).to.deep.equal(NO_FAULT);
  });

  it('write times that the broker does not take become the time of sending', async () => {
    const topic = 't-timestamps';
    await createTopic(topic, { 'message.timestamp.before.max.ms': '3600000' });
    const started = Date.now();
    const publisher = new KafkaPublisher(publisherOptions({ brokers: broker.brokers, topic, publisher: kafka() }));
    await publisher.recover();
    await publishOnce(publisher, [recordOf(topic, 'a', '1', { timestamp: 2 ** 52 }), recordOf(topic, 'a', '2', { timestamp: started - 1000 })], 1);
    await publishOnce(publisher, [recordOf(topic, 'a', '3', { timestamp: 1000 })], 2);
    await publisher.close();
    const seen = await consumer.read(topic);
    expect(seen.map((each) => each.value?.toString())).to.deep.equal(['1', '2', '3']);
    expect(seen[1].timestamp).to.equal(started - 1000);
    for (const each of [seen[0], seen[2]]) expect(each.timestamp).to.be.within(started, Date.now());
  });

  describe('an event over max.message.bytes', () => {
    const value = (size: number): string => 'abcdefghij'.repeat(size / 10);
    const small = (topic: string, n: number): PublishRecord => recordOf(topic, `k${n}`, value(5000), { headers: [['cdc.id', `small${n}`]] });

    it('batches that are too large are made smaller without a word from the configuration', async () => {
      const topic = 't-small-messages';
      await createTopic(topic, { 'max.message.bytes': '20000' });
      const { sequence, faults } = await deliverAll({ brokers: broker.brokers, topic, publisher: kafka(), maxEvents: 2000 });
      expect(new Set(faults)).to.deep.equal(new Set(['kafka_fault']));
      expect(tally(await verdictOn(consumer, topic, sequence))).to.deep.equal(NO_FAULT);
    });

    it('policy stop: a named error that shows no row', async () => {
      const topic = 't-too-large-stop';
      await createTopic(topic, { 'max.message.bytes': '20000' });
      const publisher = new KafkaPublisher(publisherOptions({ brokers: broker.brokers, topic, publisher: kafka() }));
      await publisher.recover();
      const records = [small(topic, 0), small(topic, 1), recordOf(topic, 'k', value(60_000), { headers: [['cdc.id', 'f00d']] })];
      const error: unknown = await publishOnce(publisher, records, 1).catch((thrown: unknown) => thrown);
      publisher.discard();
      expect(error).to.be.instanceOf(OversizeEventError);
      expect((error as Error).message).to.match(/^the event f00d of 60\d\d\d bytes is larger than the topic t-too-large-stop takes$/);
    });

    it('policy dead_letter: it goes in pieces to its own topic, everything else where it belongs', async () => {
      const topic = 't-too-large-dead';
      await createTopic(topic, { 'max.message.bytes': '20000' });
      await createTopic('t-dead', { 'max.message.bytes': '20000' });
      const publisher = new KafkaPublisher(publisherOptions({ brokers: broker.brokers, topic, publisher: { ...kafka(), oversize: { policy: 'dead_letter', topic: 't-dead' } } }));
      const records = [small(topic, 0), recordOf(topic, 'k', value(60_000), { headers: [['cdc.id', 'f00d']] }), small(topic, 1)];
      expect(await publisher.recover()).to.equal(null);
      await publishOnce(publisher, records, 1);
      await publisher.close();
      const ids = (await consumer.read(topic)).map(({ headers }) => headers[0][1]?.toString()).sort();
      expect(ids).to.deep.equal(['small0', 'small1']);
      const pieces = (await consumer.read('t-dead')).sort((a, b) => a.offset - b.offset);
      expect(Buffer.concat(pieces.map((piece) => piece.value ?? Buffer.alloc(0))).toString()).to.equal(value(60_000));
      expect(pieces[0].headers.map(([name, content]) => [name, content?.toString()])).to.deep.include.members([['cdc.id', 'f00d'], ['cdc.dead_letter.topic', topic], ['cdc.dead_letter.part', `1/${pieces.length}`]]);
    });
  });

  it('a new epoch comes before sequence numbers run out (classic)', async () => {
    const topic = 't-sequence';
    await deliverAll({ brokers: broker.brokers, topic, protocol: 'classic', mutations: 50, publisher: kafka() });
    const { sequence, faults } = await deliverAll({ brokers: broker.brokers, topic, protocol: 'classic', publisher: { ...kafka(), sequenceLimit: 60 } });
    expect(faults).to.deep.equal([]);
    expect(tally(await verdictOn(consumer, topic, sequence))).to.deep.equal(NO_FAULT);
  });

  it('the position stands in the group, for every lag tool, and is read back', async () => {
    const topic = 't-position';
    const options = publisherOptions({ brokers: broker.brokers, topic, publisher: kafka() });
    const publisher = new KafkaPublisher(options);
    expect(await publisher.recover()).to.equal(null);
    await publishOnce(publisher, [recordOf(topic, 'k', 'v')], 77);
    await publisher.close();
    const admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const [{ partitions }] = await admin.fetchOffsets({ groupId: options.transactionalId, topics: ['cdc.position'] });
    await admin.disconnect();
    expect(partitions).to.have.length(1);
    expect([partitions[0].offset, JSON.parse(partitions[0].metadata ?? '')]).to.deep.equal(['1', { v: 1, segment: 1, position: 77, index: 0, instance: options.instance }]);
    const next = new KafkaPublisher({ ...options, instance: 'next' });
    expect(await next.recover()).to.deep.equal({ segment: 1, position: 77, index: 0, instance: options.instance, low: null, events: 1, extra: {} });
    await next.close();
  });

  it('idle, it sets no timers (kafkajs alone: some 877 a second)', async () => {
    const publisher = new KafkaPublisher(publisherOptions({ brokers: broker.brokers, topic: 't-idle', publisher: kafka() }));
    await publisher.recover();
    await publishOnce(publisher, [recordOf('t-idle', 'k', 'v')], 1);
    const original = globalThis.setTimeout;
    let timers = 0;
    globalThis.setTimeout = ((...args: Parameters<typeof setTimeout>) => {
      timers++;
      return original(...args);
    }) as typeof setTimeout;
    try {
      await new Promise((resolve) => original(resolve, 2000));
    } finally {
      globalThis.setTimeout = original;
    }
    await publisher.close();
    expect(timers).to.be.lessThan(10);
  });
});
