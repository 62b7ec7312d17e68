/** Counts, against a recount of what was left in. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { ChangeEvent, Op } from '../../../agent/events/change-event.js';
import { Tally } from '../../../agent/events/tally.js';
import type { TableMetadata } from '../../../parsers/index.js';

/** The tally knows tables by identity and nothing else of them. */
const TABLES = ['a', 'b', 'c'].map((name) => ({ keyspace: 'ks', name, id: `id of ${name}` }) as TableMetadata);

interface Planned {
  readonly op: Op;
  /** Dropped as a repeat. */
  readonly repeat: boolean;
}
/** Updates by table number, in order; what becomes of the whole. */
interface PlannedMutation {
  readonly updates: readonly { readonly table: number; readonly events: readonly Planned[] }[];
  readonly isTakenBack: boolean;
  /** Repeats are taken out when all is counted, not each at once. */
  readonly inOneGo: boolean;
}

const planned: fc.Arbitrary<PlannedMutation> = fc.record({
  updates: fc.uniqueArray(fc.record({ table: fc.nat(TABLES.length - 1), events: fc.array(fc.record({ op: fc.constantFrom<Op>('c', 'u', 'd'), repeat: fc.boolean() }), { maxLength: 4 }) }), { selector: ({ table: number }) => number }),
  isTakenBack: fc.boolean(),
  inOneGo: fc.boolean(),
});

function run(mutations: readonly PlannedMutation[]): Tally {
  const tally = new Tally();
  for (const { updates, isTakenBack, inOneGo } of mutations) {
    const numbers = new Set<number>();
    tally.openMutation();
    for (const { table: number, events } of updates) {
      for (const { op, repeat } of events) {
        tally.counted({ table: TABLES[number], op } as Partial<ChangeEvent> as ChangeEvent);
        if (repeat && inOneGo) numbers.add(tally.ofMutation - 1);
        else if (repeat) tally.uncount();
      }
    }
    if (numbers.size > 0) tally.uncountAll(numbers);
    if (isTakenBack) tally.takeBack();
  }
  return tally;
}

function recount(mutations: readonly PlannedMutation[], number: number): Record<Op | 'updates', number> {
  const left = mutations.filter(({ isTakenBack }) => !isTakenBack).flatMap(({ updates }) => updates.filter(({ table: one }) => one === number)).map(({ events }) => events.filter(({ repeat }) => !repeat));
  const ofOp = (op: Op): number => left.flat().filter((event) => event.op === op).length;
  return { c: ofOp('c'), u: ofOp('u'), d: ofOp('d'), updates: left.filter(({ length }) => length > 0).length };
}

describe('tally', () => {
  it('counts events by table and op, and the updates that they came from, whatever is taken back', () => {
    fc.assert(fc.property(fc.array(planned, { maxLength: 8 }), (mutations) => {
      const tally = run(mutations);
      for (const [number, one] of TABLES.entries()) expect(tally.events.get(one) ?? { c: 0, u: 0, d: 0, updates: 0 }).to.deep.equal(recount(mutations, number));
      expect(tally.mutations).to.equal(mutations.length);
    }), { numRuns: 500 });
  });

  it('adds what other tallies counted, as it came through another thread', () => {
    fc.assert(fc.property(fc.array(planned, { maxLength: 6 }), fc.array(planned, { maxLength: 6 }), (first, second) => {
      const sum = new Tally();
      for (const tally of [run(first), run(second)]) {
        tally.skip('not_cdc', 'ks.a');
        sum.add(structuredClone(tally.counts()), (id) => TABLES.find((each) => each.id === id));
      }
      const both = [...first, ...second];
      for (const [number, one] of TABLES.entries()) expect(sum.events.get(one) ?? { c: 0, u: 0, d: 0, updates: 0 }).to.deep.equal(recount(both, number));
      expect(sum.mutations).to.equal(both.length);
      expect(sum.skipped).to.deep.equal(new Map([['not_cdc', new Map([['ks.a', 2]])]]));
    }), { numRuns: 100 });
  });
});
