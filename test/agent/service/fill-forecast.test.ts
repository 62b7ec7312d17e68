/** When a directory will be full: against directories that are filled by rule. */
import { expect } from 'chai';
import fc from 'fast-check';
import { FillForecast } from '../../../agent/service/fill-forecast.js';

const MIB = 2 ** 20;
const STEP_MS = 5000;

/** Size over time, sampled as the agent does; returns the minutes that are said behind the last sample. */
function forecast(bytesAt: (seconds: number) => number, { seconds, limit }: { readonly seconds: number; readonly limit: number }): number | null {
  const fill = new FillForecast();
  for (let ms = 0; ms <= seconds * 1000; ms += STEP_MS) fill.sample(ms, bytesAt(ms / 1000));
  return fill.minutesUntilFull(limit);
}

/** A segment of 32 MiB comes each `period` seconds. */
const steps = (period: number, from = 0) => (seconds: number): number => from + Math.floor(seconds / period) * 32 * MIB;

describe('fill forecast', () => {
  it('is right for a directory that fills evenly, within a segment\'s time', () => {
    fc.assert(fc.property(fc.integer({ min: 5, max: 60 }), fc.integer({ min: 0, max: 512 }), (period, from) => {
      const limit = 4096 * MIB;
      const seconds = 300;
      const said = forecast(steps(period, from * MIB), { seconds, limit });
      const rate = (32 * MIB) / period;
      const true_ = (limit - steps(period, from * MIB)(seconds)) / rate / 60;
      expect(said).to.be.within(true_ * 0.7, true_ * 1.3);
    }), { numRuns: 200 });
  });

  it('warns within half a minute of a small directory that fills fast', () => {
    // 64 MiB at 0.4 MiB/s, in segments of 8 MiB: full after 160 s.
    const said = forecast((seconds) => Math.floor(seconds / 20) * 8 * MIB, { seconds: 60, limit: 64 * MIB });
    expect(said).to.be.within(1.2, 2.2);
  });

  it('says nothing of a directory that holds its level, however it moves', () => {
    fc.assert(fc.property(fc.integer({ min: 5, max: 120 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 100 }), (period, segments, phase) => {
      // Up by a segment each period, and down by all of them when the agent deletes what it has read.
      const sawtooth = (seconds: number): number => 100 * MIB + (Math.floor((seconds + phase) / period) % (segments + 1)) * 32 * MIB;
      // Longer than the window, a rise is a rise.
      fc.pre(period * (segments + 1) <= 120);
      expect(forecast(sawtooth, { seconds: 600, limit: 256 * MIB })).to.equal(null);
    }), { numRuns: 300 });
  });

  it('says nothing of one that is empty, still, shrinking, or seen for a moment', () => {
    const limit = 100 * MIB;
    expect(forecast(() => 0, { seconds: 300, limit })).to.equal(null);
    expect(forecast(() => 50 * MIB, { seconds: 300, limit })).to.equal(null);
    expect(forecast((seconds) => (400 - seconds) * MIB / 10, { seconds: 300, limit })).to.equal(null);
    expect(forecast((seconds) => seconds * MIB, { seconds: 10, limit })).to.equal(null);
    expect(new FillForecast().minutesUntilFull(1)).to.equal(null);
  });

  it('is not taken in by one jump', () => {
    expect(forecast((seconds) => (seconds >= 295 ? 80 : 10) * MIB, { seconds: 300, limit: 100 * MIB })).to.equal(null);
  });

  it('says 0 when it is full', () => {
    expect(forecast(() => 100 * MIB, { seconds: 0, limit: 100 * MIB })).to.equal(0);
  });

  it('forgets what is longer ago than its window', () => {
    // Filled for ten minutes, then emptied again for good.
    const said = (seconds: number): number | null => forecast((at) => (at < 600 ? at * MIB : 0), { seconds, limit: 2000 * MIB });
    expect(said(599)).to.be.within(20, 27);
    expect(said(1000)).to.equal(null);
  });
});
