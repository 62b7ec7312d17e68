/** The histogram of write latencies, against one that is computed event by event. */
import { expect } from 'chai';
import fc from 'fast-check';
import { WRITE_TO_COMMIT_BUCKETS, WriteLatency } from '../../../agent/observe/write-latency.js';

const NOW = 1_795_360_528_612;
const DAY = 86_400_000;

/** Mutations in the order of the log; each step moves on by so much. */
const log = fc.array(fc.record({ segment: fc.nat(1), step: fc.integer({ min: 1, max: 500 }), age: fc.oneof(fc.integer({ min: -1000, max: 3000 }), fc.integer({ min: -DAY, max: 40 * DAY })), events: fc.integer({ min: 1, max: 5 }) }), { maxLength: 60 });

function placed(steps: readonly { readonly segment: number; readonly step: number; readonly age: number; readonly events: number }[]): { segment: number; position: number; age: number; events: number }[] {
  let [segment, position] = [1, 0];
  return steps.map((one) => {
    position = one.segment === 1 ? one.step : position + one.step;
    segment += one.segment;
    return { segment, position, age: one.age, events: one.events };
  });
}

function naive(mutations: readonly { readonly age: number; readonly events: number }[]): { counts: number[]; count: number } {
  const counts = [...WRITE_TO_COMMIT_BUCKETS, Infinity].map(() => 0);
  const told = mutations.filter(({ age }) => age >= 0 && age <= 30 * DAY);
  for (const { age, events } of told) counts[[...WRITE_TO_COMMIT_BUCKETS, Infinity].findIndex((bound) => age / 1000 <= bound)] += events;
  return { counts, count: told.reduce((sum, { events }) => sum + events, 0) };
}

describe('write latency', () => {
  it('counts each event once, at the commit that covers it', () => {
    fc.assert(fc.property(log, fc.array(fc.nat(), { maxLength: 6 }), (steps, cuts) => {
      const mutations = placed(steps);
      const latency = new WriteLatency();
      const ends = [...new Set(cuts.map((cut) => cut % (mutations.length + 1)))].sort((a, b) => a - b);
      let taken = 0;
      for (const end of ends) {
        for (; taken < end; taken++) latency.taken(mutations[taken].segment, mutations[taken].position, { written: NOW - mutations[taken].age, events: mutations[taken].events });
        if (end > 0) latency.committed({ segment: mutations[end - 1].segment, position: mutations[end - 1].position, index: 0 }, NOW);
        const { counts, count } = naive(mutations.slice(0, end));
        expect([...latency.counts]).to.deep.equal(counts);
        expect(latency.count).to.equal(count);
      }
    }), { numRuns: 500 });
  });

  it('leaves for the next commit what is behind this one, and what is committed in part', () => {
    const latency = new WriteLatency();
    for (const position of [10, 20, 30]) latency.taken(5, position, { written: NOW - 100, events: 2 });
    latency.committed({ segment: 5, position: 20, index: 1 }, NOW);
    expect(latency.count).to.equal(2);
    latency.committed({ segment: 5, position: 20, index: 0 }, NOW);
    expect(latency.count).to.equal(4);
    latency.committed({ segment: 6, position: 1, index: 0 }, NOW);
    expect([latency.count, latency.sum]).to.deep.equal([6, 6 * 0.1]);
  });

  it('counts once what is read again after a fault', () => {
    const latency = new WriteLatency();
    latency.taken(5, 10, { written: NOW, events: 1 });
    latency.rewound();
    latency.taken(5, 10, { written: NOW, events: 1 });
    latency.committed({ segment: 5, position: 10, index: 0 }, NOW);
    expect(latency.count).to.equal(1);
  });

  it('holds as many as wait, and no more memory than these need', () => {
    const latency = new WriteLatency();
    for (let i = 1; i <= 50_000; i++) latency.taken(5, i, { written: NOW, events: 1 });
    latency.committed({ segment: 5, position: 49_000, index: 0 }, NOW);
    for (let i = 50_001; i <= 300_000; i++) {
      latency.taken(5, i, { written: NOW, events: 1 });
      if (i % 1000 === 0) latency.committed({ segment: 5, position: i - 500, index: 0 }, NOW);
    }
    latency.committed({ segment: 5, position: 300_000, index: 0 }, NOW);
    expect(latency.count).to.equal(300_000);
  });
});
