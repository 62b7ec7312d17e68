import { expect } from 'chai';
import fc from 'fast-check';
import { PHASES, type Phase } from '../../../agent/observe/agent-state.js';
import { AgentStatus, type LiveFacts } from '../../../agent/service/agent-status.js';
import { RateMeter } from '../../../agent/service/rate-meter.js';
import { STARTING, TAILING } from '../observe/states.js';

const MIB = 2 ** 20;
const STARTED = Date.parse('2026-11-30T10:00:00.000Z');

class World {
  seconds = 0;
  /** What the wall clock is set to, beside the passing of time. */
  offset = 0;
  readonly status = new AgentStatus({ version: '1.0.0', wall: () => STARTED + this.offset + this.seconds * 1000, monotonic: () => 5000 + this.seconds * 1000 });
}

const LIVE: LiveFacts = {
  position: '7:10', read_position: '7:20', lag: { bytes: 5, seconds: 0 }, segments: { unread: 1, read: 0, quarantined: 0, refused: 0, bytes_read: 99 }, skipped: { not_cdc: 3 }, repeats: 1, late: 2,
  cdc_raw: { directory: '/d', bytes: 10 * MIB, limit_bytes: 100 * MIB }, spool: null,
};

describe('agent status', () => {
  it('has the members of the contract, whatever is known, and plain values only', () => {
    const world = new World();
    const shape = (value: unknown): unknown => (value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shape(member)])) : null);
    const first = world.status.snapshot();
    expect(Object.keys(first)).to.deep.equal(Object.keys(STARTING));
    world.status.know({ cluster: 'prod', datacenter: 'dc1', host_id: 'h', cassandra_version: '5.0.6', transactional_id: 't', commit_log: { mode: 'mmap', sync: 'periodic', latency_floor_seconds: 0.1 }, ownership: { mode: 'owner', owned_share: 0.3, ring_epoch: 1, nodes: 3 } });
    world.status.live = () => ({ ...LIVE, skipped: { not_owned: 3 }, spool: { directory: '/s', bytes: 0, limit_bytes: 1 } });
    const full = world.status.snapshot();
    expect(shape(full)).to.deep.equal(shape(TAILING));
    expect(JSON.parse(JSON.stringify(full))).to.deep.equal(full);
  });

  it('says since when it is in its state, and why', () => {
    const world = new World();
    world.seconds = 2;
    world.status.enter('waiting_for_kafka', 'no broker');
    world.seconds = 9;
    world.status.enter('waiting_for_kafka', 'refused');
    expect(world.status.snapshot()).to.include({ state: 'waiting_for_kafka', state_reason: 'refused', state_since: '2026-11-30T10:00:02.000Z', ready: false, uptime_seconds: 9 });
    world.status.enter('tailing');
    expect(world.status.snapshot()).to.include({ state: 'tailing', state_reason: null, state_since: '2026-11-30T10:00:09.000Z', ready: true });
  });

  it('is ready exactly while it publishes', () => {
    const world = new World();
    const ready = (Object.keys(PHASES) as Phase[]).filter((phase) => {
      world.status.enter(phase);
      return world.status.snapshot().ready;
    });
    expect(ready).to.deep.equal(['catching_up', 'tailing']);
  });

  it('counts what is committed and what failed, and the rate of the last minute', () => {
    const world = new World();
    for (; world.seconds < 120; world.seconds++) world.status.committed({ events: 50, ms: 12 });
    world.status.committed({ events: 0, ms: 8 });
    world.status.transactionFailed();
    const { events, transactions } = world.status.snapshot();
    expect([events.published, transactions]).to.deep.equal([6000, { committed: 121, failed: 1, last_duration_seconds: 0.008 }]);
    expect(events.per_second).to.be.closeTo(50, 1);
    world.seconds += 61;
    expect(world.status.snapshot().events.per_second).to.equal(0);
  });

  it('keeps the newest error, and says when it is over', () => {
    const world = new World();
    world.status.errorOver();
    expect(world.status.snapshot().last_error).to.equal(null);
    world.status.error({ code: 'kafka_unreachable', message: 'no broker', fix: 'start it' });
    expect(world.status.snapshot().last_error).to.deep.equal({ time: '2026-11-30T10:00:00.000Z', code: 'kafka_unreachable', message: 'no broker', fix: 'start it', over: false });
    world.status.errorOver();
    expect(world.status.snapshot().last_error?.over).to.equal(true);
  });

  it('counts gaps and keeps the newest', () => {
    const world = new World();
    world.status.gap({ from: '1:2', to: '1:3', reason: 'damaged' });
    world.seconds = 1;
    world.status.gap({ from: '2:2', to: '2:3', reason: 'given_up' });
    expect(world.status.snapshot().gaps).to.deep.equal({ count: 2, last: { time: '2026-11-30T10:00:01.000Z', from: '2:2', to: '2:3', reason: 'given_up' } });
  });

  it('foresees when cdc_raw is full', () => {
    const world = new World();
    world.status.live = () => ({ ...LIVE, cdc_raw: { directory: '/d', bytes: world.seconds * MIB, limit_bytes: 300 * MIB } });
    for (; world.seconds <= 120; world.seconds += 5) world.status.tick();
    expect(world.status.snapshot().cdc_raw?.minutes_until_full).to.be.closeTo(3, 0.2);
    world.status.live = () => ({ ...LIVE, cdc_raw: { directory: '/d', bytes: MIB, limit_bytes: null } });
    expect(world.status.snapshot().cdc_raw?.minutes_until_full).to.equal(null);
  });

  it('keeps its uptime when the wall clock is set', () => {
    const world = new World();
    world.seconds = 10;
    world.offset = -3_600_000;
    expect(world.status.snapshot().uptime_seconds).to.equal(10);
  });
});

describe('rate meter', () => {
  it('gives the mean over the last minute, or over its life when that is shorter', () => {
    fc.assert(fc.property(fc.array(fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), count: fc.nat(1000) }), { maxLength: 30 }), fc.nat(100_000), (adds, last) => {
      let now = 123_456;
      const meter = new RateMeter(now);
      const began = now;
      const all: { readonly at: number; readonly count: number }[] = [];
      for (const { wait, count } of adds) {
        now += wait;
        meter.add(count, now);
        all.push({ at: now, count });
      }
      now += last;
      const sumSince = (from: number): number => all.filter(({ at }) => at >= from).reduce((sum, { count }) => sum + count, 0);
      // Counts are kept by the second: exact to one at the far end of the window.
      const per = Math.max(Math.min(now - began, 60_000), 1000) / 1000;
      expect(meter.perSecond(now)).to.be.within((sumSince(now - 59_000) / per) * 0.98, sumSince(now - 60_000) / Math.max(per - 1, 1) + 1e-9);
    }), { numRuns: 300 });
  });
});
