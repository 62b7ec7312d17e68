import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import { accepts } from './cassandra.js';
import { startKafka, type KafkaBroker } from './kafka.js';
import { isAlive } from './lock.js';

describe('lab: Kafka', function () {
  this.timeout(300_000);
  let broker: KafkaBroker;
  before(async () => { broker = await startKafka({ heap: '256m', properties: { 'num.partitions': 2 } }); });
  after(async () => { await broker.remove(); });

  it('takes records, and still has them after kill -9', async () => {
    const kafka = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 't', messages: [{ key: 'a', value: '1' }, { key: 'b', value: '2' }] });
    await producer.disconnect();
    await broker.kill9();
    await broker.start();
    const admin = kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets('t');
    await admin.disconnect();
    expect(offsets).to.have.length(2);
    expect(offsets.reduce((sum, each) => sum + Number(each.high), 0)).to.equal(2);
  });

  it('leaves no process, no listener and no file after remove', async () => {
    const { pid, directory, address } = broker;
    await broker.remove();
    expect([isAlive(pid!), existsSync(directory), await accepts(address, 9092)]).to.deep.equal([false, false, false]);
  });
});
