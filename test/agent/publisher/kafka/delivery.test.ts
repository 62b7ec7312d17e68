import { expect } from 'chai';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { Delivery, type DeliveryOptions, type DeliverySource, type MutationEvents, type TransactionLimits } from '../../../../agent/publisher/kafka/delivery.js';
import type { StoredPosition } from '../../../../agent/publisher/kafka/port.js';
import { recordOf } from '../../../faults/sequence.js';
import { FakeKafka, FakePublisher, type PlannedFault } from './fake-kafka.js';

const STEP = 10;
const LIMITS: TransactionLimits = { intervalMs: 60, maxEvents: 2000, maxBytes: 1 << 20 };

type SomeOptions = Partial<Omit<DeliveryOptions, 'limits'>> & { readonly limits?: Partial<TransactionLimits> };

/** Mutation n has sizes[n] events and ends at (n + 1) * 10. `again`: so many that were published are passed once more at a start, without events. */
class FixedLog implements DeliverySource {
  readonly #sizes: readonly number[];
  readonly #chunk: number;
  readonly #again: number;
  readonly starts: (StoredPosition | null)[] = [];

  constructor(sizes: readonly number[], chunk = 3, again = 0) {
    this.#sizes = sizes;
    this.#chunk = chunk;
    this.#again = again;
  }

  async *read(from: StoredPosition | null): AsyncGenerator<Iterable<MutationEvents>> {
    this.starts.push(from);
    const first = from === null ? 0 : from.position / STEP - (from.index > 0 ? 1 : 0);
    for (let at = Math.max(0, first - this.#again); at < this.#sizes.length; at += this.#chunk) {
      // Longer than a position is held back.
      if (this.#again > 0 && at < first) await sleep(3);
      await new Promise(setImmediate);
      yield this.#sizes.slice(at, at + this.#chunk).map((size, n) => ({ end: { segment: 7, position: (at + n + 1) * STEP }, records: at + n < first ? [] : events(at + n, size) }));
    }
  }

  get all(): string[] {
    return this.#sizes.flatMap((size, mutation) => Array.from({ length: size }, (_, index) => `${mutation}.${index}`));
  }
}

function events(mutation: number, size: number): MutationEvents['records'] {
  return Array.from({ length: size }, (_, index) => recordOf('t', String(mutation), `${mutation}.${index}`));
}

async function deliver(source: DeliverySource, publisher: FakePublisher, options: SomeOptions = {}): Promise<void> {
  await new Delivery({ publisher, source, positionMs: 1, ...options, limits: { ...LIMITS, intervalMs: 1, ...options.limits } }).run(new AbortController().signal);
}

function* brokenChunk(): Generator<MutationEvents> {
  yield { end: { segment: 7, position: 10 }, records: [] };
  throw new Error('chunk');
}

const sizes = fc.array(fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 4 }) }, { weight: 1, arbitrary: fc.integer({ min: 20, max: 60 }) }), { maxLength: 40 });
const plan = fc.array(fc.oneof({ weight: 8, arbitrary: fc.constant<PlannedFault>('none') }, { weight: 2, arbitrary: fc.constantFrom<PlannedFault>('refused', 'answer lost', 'dies in append') }), { maxLength: 60 });

describe('delivery', function () {
  this.timeout(60_000);

  it('publishes every event once and in order, whatever fails when (model)', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, plan, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }), async (mutationSizes, faults, maxEvents, chunk) => {
        const kafka = new FakeKafka();
        const log = new FixedLog(mutationSizes, chunk);
        const planned = [...faults];
        await deliver(log, new FakePublisher(kafka, () => planned.shift() ?? 'none'), { limits: { maxEvents } });
        expect(kafka.log).to.deep.equal(log.all);
        if (mutationSizes.length > 0) expect(kafka.position).to.include({ segment: 7, position: mutationSizes.length * STEP, index: 0 });
      }),
      { numRuns: 300 },
    );
  });

  it('never goes back, and repeats nothing, while it reads again what was published (model)', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, plan, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }), async (mutationSizes, faults, maxEvents, again) => {
        const kafka = new FakeKafka();
        const log = new FixedLog(mutationSizes, 2, again);
        const planned = [...faults];
        await deliver(log, new FakePublisher(kafka, () => planned.shift() ?? 'none'), { limits: { maxEvents } });
        expect(kafka.log).to.deep.equal(log.all);
        const places = kafka.transactions.map(({ position: { position, index } }) => position + (index === 0 ? STEP - 1 : index / 100));
        expect(places).to.deep.equal([...places].sort((a, b) => a - b));
      }),
      { numRuns: 400 },
    );
  });

  it('never has a position ahead of what is published (model, crash after any transaction)', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, plan, fc.integer({ min: 1, max: 12 }), fc.nat(), async (mutationSizes, faults, maxEvents, pick) => {
        const kafka = new FakeKafka();
        const log = new FixedLog(mutationSizes);
        const planned = [...faults];
        await deliver(log, new FakePublisher(kafka, () => planned.shift() ?? 'none'), { limits: { maxEvents } });
        if (kafka.transactions.length === 0) return;
        // What another process would find, had this one died behind transaction n.
        const n = pick % kafka.transactions.length;
        const { position } = kafka.transactions[n];
        const published = kafka.log.slice(0, kafka.transactions.slice(0, n + 1).reduce((sum, each) => sum + each.events, 0));
        const second = new FakeKafka();
        second.position = position;
        await deliver(log, new FakePublisher(second), { limits: { maxEvents } });
        expect([...published, ...second.log]).to.deep.equal(log.all);
      }),
      { numRuns: 100 },
    );
  });

  it('cuts at mutation boundaries where they fit, and inside only what is larger than a transaction', async () => {
    const kafka = new FakeKafka();
    await deliver(new FixedLog([3, 3, 3, 25, 2], 5), new FakePublisher(kafka), { limits: { maxEvents: 8, intervalMs: 10_000 } });
    expect(kafka.transactions.map(({ events: count, position }) => [count, position.position, position.index])).to.deep.equal([
      [6, 20, 0], [3, 30, 0], [8, 40, 8], [8, 40, 16], [8, 40, 24], [3, 50, 0],
    ]);
  });

  it('cuts by bytes', async () => {
    const kafka = new FakeKafka();
    await deliver(new FixedLog(Array.from({ length: 40 }, () => 1), 40), new FakePublisher(kafka), { limits: { maxBytes: 40, intervalMs: 10_000 } });
    expect(kafka.transactions.length).to.be.within(3, 10);
  });

  it('commits by time while the source waits, and nothing when idle', async () => {
    const kafka = new FakeKafka();
    const stop = new AbortController();
    const source: DeliverySource = {
      async *read(_from, signal) {
        yield [{ end: { segment: 7, position: 10 }, records: events(0, 2) }];
        await sleep(60_000, undefined, { signal }).catch(() => undefined);
      },
    };
    const running = new Delivery({ publisher: new FakePublisher(kafka), source, limits: { ...LIMITS, intervalMs: 20 } }).run(stop.signal);
    await sleep(150);
    expect(kafka.log).to.deep.equal(['0.0', '0.1']);
    await sleep(100);
    expect(kafka.transactions).to.have.length(1);
    stop.abort();
    await running;
  });

  it('stores a position that moved without events, and a heartbeat when nothing moves', async () => {
    const kafka = new FakeKafka();
    const stop = new AbortController();
    const source: DeliverySource = {
      async *read(_from, signal) {
        yield [{ end: { segment: 7, position: 10 }, records: [] }];
        await sleep(60_000, undefined, { signal }).catch(() => undefined);
      },
    };
    const running = new Delivery({ publisher: new FakePublisher(kafka), source, limits: LIMITS, positionMs: 10, heartbeatMs: 40 }).run(stop.signal);
    await sleep(200);
    stop.abort();
    await running;
    expect(kafka.transactions.length).to.be.within(2, 6);
    expect(new Set(kafka.transactions.map(({ position }) => position.position))).to.deep.equal(new Set([10]));
  });

  it('commits what is in hand at a stop', async () => {
    const kafka = new FakeKafka();
    const stop = new AbortController();
    const source: DeliverySource = {
      async *read(_from, signal) {
        yield [{ end: { segment: 7, position: 10 }, records: events(0, 2) }];
        stop.abort();
        await sleep(60_000, undefined, { signal }).catch(() => undefined);
      },
    };
    await new Delivery({ publisher: new FakePublisher(kafka), source, limits: { ...LIMITS, intervalMs: 60_000 } }).run(stop.signal);
    expect(kafka.log).to.deep.equal(['0.0', '0.1']);
  });

  it('throws an error of the source, of the chunk and of who hears of commits: no fault of Kafka, no repetition', async () => {
    const broken: readonly (readonly [string, DeliverySource, SomeOptions])[] = [
      ['source', { async *read() { await sleep(1); yield []; throw new Error('source'); } }, {}],
      ['chunk', { async *read() { await sleep(1); yield brokenChunk(); } }, {}],
      ['checkpoint', new FixedLog([1, 1, 1]), { onCommitted: () => Promise.reject(new Error('checkpoint')) }],
    ];
    for (const [message, source, options] of broken) {
      const publisher = new FakePublisher(new FakeKafka());
      const error: unknown = await deliver(source, publisher, options).then(() => undefined, (thrown: unknown) => thrown);
      expect(error, message).to.include({ message });
      expect(publisher.recoveries, message).to.equal(1);
    }
  });

  it('keeps "low" in every position', async () => {
    const kafka = new FakeKafka();
    await deliver(new FixedLog([1, 1]), new FakePublisher(kafka), { needs: () => ({ low: { segment: 3, position: 4 } }) });
    expect(kafka.position?.low).to.deep.equal({ segment: 3, position: 4 });
  });
});
