/** How far reading had come when, against a list of every moment. */
import { expect } from 'chai';
import fc from 'fast-check';
import { AppendTimes } from '../../../agent/pipeline/append-times.js';
import { ReadMarks } from '../../../agent/pipeline/read-marks.js';
import { comparePositions, type CommitLogPosition } from '../../../parsers/index.js';

const START = { segment: 1, position: 0 };
/** Between two marks. */
const EVERY_MS = 250;
const MOST_MARKS = 2048;
const place = (n: number): CommitLogPosition => ({ segment: 1 + Math.floor(n / 100), position: n % 100 });

interface Moment {
  readonly time: number;
  readonly at: CommitLogPosition;
}

const steps = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 2000 }), bytes: fc.integer({ min: 0, max: 30 }) }), { maxLength: 300 });

function momentsOf(list: readonly { readonly ms: number; readonly bytes: number }[]): Moment[] {
  let time = 1_000_000;
  let n = 0;
  return list.map(({ ms, bytes }) => ({ time: (time += ms), at: place((n += bytes)) }));
}

describe('marks of how far reading had come', () => {
  it('say no place that reading had not come to, and one of a short time before', () => {
    fc.assert(fc.property(steps, fc.array(fc.nat(600_000), { maxLength: 20 }), (list, times) => {
      const marks = new ReadMarks();
      marks.restart(START);
      const moments = momentsOf(list);
      for (const { time, at } of moments) marks.add(time, at);
      for (const time of times.map((ms) => 1_000_000 + ms).sort((a, b) => a - b)) {
        const found = marks.before(time) as CommitLogPosition;
        const exact = moments.findLast((moment) => moment.time <= time) ?? { time: 0, at: START };
        expect(comparePositions(found, exact.at)).to.be.at.most(0);
        const shortlyBefore = moments.findLast((moment) => moment.time <= exact.time - EVERY_MS)?.at ?? START;
        expect(comparePositions(found, shortlyBefore)).to.be.at.least(0);
      }
    }));
  });

  it('say no time at which reading had come further, and one of a short time before', () => {
    fc.assert(fc.property(steps, fc.array(fc.nat(9000), { minLength: 1, maxLength: 20 }), (list, places) => {
      const marks = new ReadMarks();
      const moments = momentsOf(list);
      for (const { time, at } of moments) if (!marks.stay(time, at)) marks.add(time, at);
      for (const at of places.map(place)) {
        const found = marks.timeOf(at);
        const exact = moments.findLast((moment) => comparePositions(moment.at, at) <= 0)?.time ?? -Infinity;
        expect(found).to.be.at.most(exact);
        if (exact !== -Infinity) expect(found).to.be.above(exact - EVERY_MS);
      }
    }));
  });

  it('stay few, and still know the last minutes well', () => {
    const marks = new ReadMarks();
    marks.restart(START);
    const moments = momentsOf(Array.from({ length: 50_000 }, () => ({ ms: 300, bytes: 1 })));
    for (const { time, at } of moments) marks.add(time, at);
    const known = moments.map(({ at }) => marks.timeOf(at));
    expect(new Set(known).size).to.be.within(MOST_MARKS / 2, MOST_MARKS);
    for (const [i, { time }] of moments.entries()) expect(time - known[i]).to.be.at.least(0);
    // The last ten minutes to the minute: twice the distance of two marks after so many were thinned out.
    for (const [i, { time }] of moments.slice(-2000).entries()) expect(time - known[i + moments.length - 2000]).to.be.below(60_000);
  });

  it('a clock that was set back makes them say an earlier place', () => {
    const marks = new ReadMarks();
    marks.restart(START);
    marks.add(10_000, place(10));
    marks.add(20_000, place(20));
    marks.add(15_000, place(30));
    expect(marks.before(16_000)).to.deep.equal(place(10));
    expect(marks.before(20_000)).to.deep.equal(place(30));
  });
});

describe('when what stands in the log was appended', () => {
  it('behind the place at which everything was read: not before that moment, but for what Cassandra had not shown', () => {
    const times = new AppendTimes();
    times.visibleWithinMs = 100;
    expect(times.notBefore(place(5))).to.equal(-Infinity);
    times.caughtUp(10_000, place(5));
    expect(times.notBefore(place(4))).to.equal(-Infinity);
    expect(times.notBefore(place(5))).to.equal(9900);
    times.caughtUp(12_000, place(5));
    expect(times.notBefore(place(9))).to.equal(11_900);
  });

  it('in step: since the look before, and not longer ago than Cassandra takes to show it', () => {
    const times = new AppendTimes();
    times.visibleWithinMs = 500;
    expect(times.liveSince).to.equal(0);
    times.caughtUp(10_000, place(5));
    expect(times.liveSince).to.equal(10_000);
    expect(times.liveNotBefore(10_050, 20)).to.equal(9980);
    times.passed(10_050, true);
    expect(times.liveNotBefore(30_000, 20)).to.equal(29_500);
    times.passed(30_000, false);
    expect(times.liveSince).to.equal(0);
    times.passed(30_000, true);
    times.restart();
    expect(times.liveSince).to.equal(0);
  });
});
