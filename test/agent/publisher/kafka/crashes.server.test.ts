/** Crashes, judged: kill -9 of the publishing process and of the broker, an expired transaction, two agents with one id. */
import { expect } from 'chai';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AnotherAgentError } from '../../../../agent/publisher/kafka/faults.js';
import { startPublisher } from '../../../faults/child-run.js';
import { deliverAll, sequenceOf, verdictOn, type FaultRun } from '../../../faults/fault-run.js';
import { JudgeConsumer, NO_FAULT, tally } from '../../../faults/judge.js';
import { FaultProxy } from '../../../faults/proxy.js';
import { startKafka, type KafkaBroker } from '../../../lab/index.js';

/** `CDC_TEST_KILLS=200` for the long form. */
const KILLS = Number(process.env['CDC_TEST_KILLS'] ?? 6);
const BROKER_KILLS = Number(process.env['CDC_TEST_BROKER_KILLS'] ?? 2);
/** Milliseconds that the broker stands still; `CDC_TEST_PAUSE_MS=150000` for the long form. */
const PAUSE_MS = Number(process.env['CDC_TEST_PAUSE_MS'] ?? 4000);
const RATE = 2000;

describe('publisher: crashes', function () {
  this.timeout(600_000);
  let broker: KafkaBroker;
  let consumer: JudgeConsumer;
  let directory: string;
  /** A broker that starts is slow to answer, and that is not what is tested here. */
  const kafka = (): FaultRun['publisher'] => ({ kafka: { brokers: broker.brokers, requestTimeoutMs: 1500 } });

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'cdc-crashes-'));
    broker = await startKafka({ properties: { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': 200 } });
    consumer = await JudgeConsumer.start(broker.brokers);
  });
  after(async () => {
    await consumer?.stop();
    await broker?.remove();
    await rm(directory, { recursive: true, force: true });
  });

  it(`kill -9 of the publishing process at ${KILLS} random moments: 0 lost, 0 duplicated, order kept`, async () => {
    const run: FaultRun = { brokers: broker.brokers, topic: 't-kills', mutations: 100 * RATE, rate: RATE, publisher: { ...kafka(), instance: 'child' } };
    const log = join(directory, 'child.log');
    const lives = async (): Promise<number> => (await readFile(log, 'utf8')).split('publishing').length - 1;
    let published = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = await startPublisher(run, log);
      // Every third one is hit at its start, the others while they publish.
      if (kill % 3 !== 2) while ((await lives()) <= published) await sleep(20);
      await sleep(Math.random() * 1200);
      await child.kill9();
      published = await lives();
    }
    // What was reached is unknown: the last run goes on to the end of a sequence that is certainly longer, read from the position.
    const reached = (await consumer.read(run.topic)).length;
    const mutations = Math.min(100 * RATE, reached + 2000);
    const last = await startPublisher({ ...run, mutations }, log);
    await last.ended;
    expect(await readFile(log, 'utf8')).to.match(/done, faults: \n$/);
    expect(reached, 'the kills came while it was publishing').to.be.greaterThan(KILLS * 100);
    expect(tally(await verdictOn(consumer, run.topic, sequenceOf({ ...run, mutations })))).to.deep.equal(NO_FAULT);
  });

  it('a transaction that expired while it was open is repeated', async () => {
    const [host, port] = broker.brokers[0].split(':');
    const proxy = await FaultProxy.start({ host, port: Number(port) });
    try {
      for (const protocol of ['kip890', 'classic'] as const) {
        proxy.clear();
        proxy.inject({ api: 'EndTxn', side: 'request', action: 'delay', at: [3], delayMs: 3000 });
        const topic = `t-expired-${protocol}`;
        const { sequence, faults } = await deliverAll({
          brokers: proxy.brokers, topic, protocol,
          publisher: { transactionTimeoutMs: 1000, kafka: { brokers: proxy.brokers, requestTimeoutMs: 6000 } },
        });
        expect(faults, protocol).to.include('kafka_fenced');
        expect(tally(await verdictOn(consumer, topic, sequence)), protocol).to.deep.equal(NO_FAULT);
      }
    } finally {
      await proxy.stop();
    }
  });

  it('two agents with one id: one ends within 5 s and says why, the other delivers everything once', async () => {
    const run: FaultRun = { brokers: broker.brokers, topic: 't-twins', mutations: 12_000, rate: RATE };
    const first = deliverAll({ ...run, publisher: { ...kafka(), instance: 'first' } });
    await sleep(1500);
    const started = performance.now();
    const second = deliverAll({ ...run, publisher: { ...kafka(), instance: 'second' } });
    const ms = await Promise.any([first, second].map((each) => each.then(() => Promise.reject(new Error('ended well')), () => performance.now() - started)));
    expect(ms).to.be.lessThan(5000);
    const outcomes = await Promise.allSettled([first, second]);
    const failed = outcomes.filter((each) => each.status === 'rejected').map((each) => each.reason as Error);
    expect(failed).to.have.length(1);
    expect(failed[0]).to.be.instanceOf(AnotherAgentError);
    expect(failed[0].message).to.match(/another agent publishes as cdc-faults-t-twins/);
    expect(tally(await verdictOn(consumer, run.topic, sequenceOf(run)))).to.deep.equal(NO_FAULT);
  });

  it(`the broker stands still for ${PAUSE_MS / 1000} s (SIGSTOP) under load, and reading stops with it`, async () => {
    const run: FaultRun = { brokers: broker.brokers, topic: 't-paused', mutations: 8000, rate: RATE, publisher: kafka() ?? {} };
    let committed = 0;
    const delivered = deliverAll({ ...run, onCommitted: () => void committed++ });
    while (committed < 20) await sleep(20);
    broker.pause();
    await sleep(PAUSE_MS);
    broker.resume();
    const { sequence, faults } = await delivered;
    expect(faults).to.include('kafka_unreachable');
    expect(tally(await verdictOn(consumer, run.topic, sequence))).to.deep.equal(NO_FAULT);
  });

  it(`kill -9 of the broker and restart, ${BROKER_KILLS} times under load`, async () => {
    const run: FaultRun = { brokers: broker.brokers, topic: 't-broker', mutations: 3000 + BROKER_KILLS * 3000, rate: RATE, publisher: kafka() ?? {} };
    let committed = 0;
    const delivered = deliverAll({ ...run, onCommitted: () => void committed++ });
    for (let kill = 0; kill < BROKER_KILLS; kill++) {
      const before = committed;
      while (committed < before + 10) await sleep(50);
      await broker.kill9();
      await sleep(Math.random() * 1000);
      await broker.start();
    }
    const { sequence, faults } = await delivered;
    expect(faults).to.include('kafka_unreachable');
    await consumer.stop();
    consumer = await JudgeConsumer.start(broker.brokers);
    expect(tally(await verdictOn(consumer, run.topic, sequence))).to.deep.equal(NO_FAULT);
  });
});
