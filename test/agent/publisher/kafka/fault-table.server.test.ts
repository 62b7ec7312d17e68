/**
 * The fault table on a real broker: requests and answers lost, cut, delayed and doubled, one API at a time, in both
 * transaction protocols. Promises: 0 lost, 0 duplicated, order per key kept. The judge is Kafka's own consumer.
 */
import { expect } from 'chai';
import type { RecoverablePublisher, StoredPosition } from '../../../../agent/publisher/kafka/port.js';
import { API, type ApiName } from '../../../faults/framing.js';
import { deliverAll, REQUEST_TIMEOUT_MS, verdictOn } from '../../../faults/fault-run.js';
import { JudgeConsumer, NO_FAULT, tally } from '../../../faults/judge.js';
import { FaultProxy, type Fault, type FaultAction } from '../../../faults/proxy.js';
import { startKafka, type KafkaBroker } from '../../../lab/index.js';

/** `CDC_TEST_LONG=1`: every action on every step of a start, in both protocols (3 minutes). */
const LONG = process.env['CDC_TEST_LONG'] === '1';
const ACTIONS: readonly FaultAction[] = ['drop', 'cut', 'delay', 'double'];
/** Asked for once or twice in a producer's life: every fault causes the next life, and with it the next occurrence. */
const AT_START: readonly ApiName[] = ['InitProducerId', 'FindCoordinator', 'OffsetFetch', 'Metadata', 'ApiVersions'];
const PER_TRANSACTION: Readonly<Record<'classic' | 'kip890', readonly ApiName[]>> = {
  classic: ['Produce', 'TxnOffsetCommit', 'EndTxn', 'AddPartitionsToTxn', 'AddOffsetsToTxn'],
  kip890: ['Produce', 'TxnOffsetCommit', 'EndTxn'],
};
const DELAY_MS = REQUEST_TIMEOUT_MS * 2;

describe('publisher: fault table on a real broker', function () {
  this.timeout(120_000);
  let broker: KafkaBroker;
  let proxy: FaultProxy;
  let consumer: JudgeConsumer;

  before(async function () {
    this.timeout(400_000);
    broker = await startKafka();
    const [host, port] = broker.brokers[0].split(':');
    proxy = await FaultProxy.start({ host, port: Number(port) });
    consumer = await JudgeConsumer.start(broker.brokers);
  });
  after(async () => {
    await consumer?.stop();
    await proxy?.stop();
    await broker?.remove();
  });
  afterEach(() => proxy.clear());

  async function judged(topic: string, protocol: 'classic' | 'kip890', faults: readonly Fault[]): Promise<void> {
    // The first run of an id makes its topics: the faults meet a cluster at work.
    await deliverAll({ brokers: proxy.brokers, topic, protocol, mutations: 50 });
    proxy.inject(...faults);
    const { protocols, sequence, transactions } = await deliverAll({ brokers: proxy.brokers, topic, protocol });
    const expected = faults.flatMap(({ api, side, action, at }) => at.map(() => `${api} ${side} ${action}`));
    expect(proxy.struck.sort(), 'each fault struck').to.deep.equal(expected.sort());
    expect([...protocols]).to.deep.equal([protocol]);
    expect(transactions).to.be.greaterThan(10);
    expect(tally(await verdictOn(consumer, topic, sequence))).to.deep.equal(NO_FAULT);
  }

  for (const protocol of ['kip890', 'classic'] as const) {
    for (const side of ['request', 'answer'] as const) {
      for (const api of PER_TRANSACTION[protocol]) {
        it(`${protocol}: ${api} ${side}s lost, cut, delayed, doubled`, () =>
          judged(`t-${protocol}-${api}-${side}`, protocol, ACTIONS.map((action, n) => ({ api, side, action, at: [2 + n * 3], delayMs: DELAY_MS }))));
      }
      if (protocol === 'classic' && !LONG) continue;
      const actions = LONG ? ACTIONS : side === 'request' ? (['drop', 'double'] as const) : (['cut', 'delay'] as const);
      it(`${protocol}: ${AT_START.join(', ')} ${side}s: ${actions.join(', ')}`, async () => {
        const faults = AT_START.flatMap((api) => actions.map((action, n) => ({ api, side, action, at: [n + 1], delayMs: DELAY_MS })));
        // One more fault in the middle of a transaction leads through the start again.
        await judged(`t-${protocol}-start-${side}`, protocol, [...faults, { api: 'EndTxn', side: 'answer', action: 'cut', at: [3] }]);
      });
    }
  }

  it('negative control: resuming from memory instead of the stored position duplicates', async () => {
    const topic = 't-memory';
    await deliverAll({ brokers: proxy.brokers, topic, protocol: 'kip890', mutations: 50 });
    proxy.inject({ api: 'EndTxn', side: 'answer', action: 'cut', at: [4, 8] });
    let acknowledged: StoredPosition | null = null;
    const { sequence } = await deliverAll({
      brokers: proxy.brokers, topic, protocol: 'kip890',
      wrap: (publisher): RecoverablePublisher => ({
        recover: async (signal) => {
          const stored = await publisher.recover(signal);
          return (acknowledged ??= stored);
        },
        begin: () => publisher.begin(),
        append: (records, from, to) => publisher.append(records, from, to),
        get pendingEvents() { return publisher.pendingEvents; },
        get pendingBytes() { return publisher.pendingBytes; },
        commit: async (position) => (acknowledged = await publisher.commit(position)),
        discard: () => publisher.discard(),
      }),
    });
    const { lost, duplicated } = tally(await verdictOn(consumer, topic, sequence));
    expect(lost).to.equal(0);
    expect(duplicated).to.be.greaterThan(20);
  });

  it('a request that the table names was sent: the proxy sees what the client does', () => {
    for (const api of [...AT_START, ...PER_TRANSACTION.classic]) expect(proxy.requests.get(API[api]), api).to.be.greaterThan(0);
  });
});
