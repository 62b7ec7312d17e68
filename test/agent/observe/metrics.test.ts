/** Metrics, read back as Prometheus reads them. */
import { expect } from 'chai';
import type { AgentState } from '../../../agent/observe/agent-state.js';
import { Happenings } from '../../../agent/observe/happenings.js';
import { HAPPENINGS, type Happening, type HappeningName } from '../../../agent/observe/happenings-table.js';
import { Metrics } from '../../../agent/observe/metrics.js';
import { METRICS, type MetricDeclaration } from '../../../agent/observe/metrics-table.js';
import { MOST_TABLES, type TallyView } from '../../../agent/observe/table-counters.js';
import { parseExposition, valueOf, type Family } from '../../helpers/exposition.js';
import { STARTING, TAILING } from './states.js';

type Counts = Record<'c' | 'u' | 'd' | 'updates', number>;

class World {
  state: AgentState = TAILING;
  time = 0;
  readonly metrics = new Metrics({ state: () => this.state, version: '1.0.0', monotonic: () => this.time });
  readonly happenings = new Happenings({ log: { isLevelEnabled: () => false, write: () => undefined }, metrics: this.metrics, now: () => this.time });

  async scrape(): Promise<Map<string, Family>> {
    return parseExposition(await this.metrics.scrape());
  }

  async value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    return valueOf(await this.scrape(), name, labels);
  }
}

describe('metrics', () => {
  let world: World;
  beforeEach(() => { world = new World(); });
  afterEach(() => world.metrics.close());

  it('are those of the table: every one, with its type, help and labels, and no other', async () => {
    world.metrics.committed({ events: 3, bytes: 100, ms: 12 });
    world.happenings.report('kafka unavailable', { error: new Error('x') });
    world.metrics.tally = () => tallyOf([['shop', 'orders', { c: 1, u: 1, d: 1, updates: 2 }]], {});
    const families = await world.scrape();
    expect([...families.keys()].sort()).to.deep.equal(Object.keys(METRICS).sort());
    for (const [name, { type, help, labels }] of Object.entries(METRICS) as [string, MetricDeclaration][]) {
      const family = families.get(name);
      expect([family?.type, family?.help], name).to.deep.equal([type, help]);
      for (const sample of family?.samples ?? []) expect(Object.keys(sample.labels).filter((label) => label !== 'le').sort(), name).to.deep.equal([...labels].sort());
    }
  });

  it('of the operator\'s manual are all there', () => {
    const named = ['build_info', 'raw_directory_bytes', 'raw_directory_limit_bytes', 'spool_bytes', 'segments', 'segment_read_bytes_total', 'mutations_total', 'events_published_total', 'transactions_total',
      'transaction_duration_seconds', 'lag_seconds', 'lag_bytes', 'write_to_commit_seconds', 'position_segment_id', 'position_offset', 'ring_owned_ratio', 'ring_changes_total', 'gaps_total', 'errors_total', 'event_loop_delay_seconds'];
    expect(Object.keys(METRICS)).to.include.members(named.map((name) => `cassandra_cdc_${name}`));
  });

  it('say what the state says, at each scrape', async () => {
    const families = await world.scrape();
    const gauge = (name: string, labels = {}): number | undefined => valueOf(families, `cassandra_cdc_${name}`, labels);
    expect([gauge('lag_seconds'), gauge('lag_bytes'), gauge('ready'), gauge('raw_directory_bytes'), gauge('raw_directory_limit_bytes'), gauge('spool_bytes'), gauge('ring_owned_ratio')])
      .to.deep.equal([0.4, 1024, 1, 64 * 2 ** 20, 4 * 2 ** 30, 32 * 2 ** 20, 0.331]);
    expect([gauge('position_segment_id', { stage: 'committed' }), gauge('position_offset', { stage: 'committed' }), gauge('position_offset', { stage: 'read' })]).to.deep.equal([1795360528614, 129746, 130002]);
    expect([gauge('state', { state: 'tailing' }), gauge('state', { state: 'failed' }), gauge('segments', { state: 'read' })]).to.deep.equal([1, 0, 2]);
    world.state = { ...TAILING, lag: { bytes: 0, seconds: 0 }, segments: { ...TAILING.segments, bytes_read: 200 }, cdc_raw: { directory: '/d', bytes: 1, limit_bytes: 2, minutes_until_full: 1.5 } };
    expect([await world.value('cassandra_cdc_lag_seconds'), await world.value('cassandra_cdc_segment_read_bytes_total'), await world.value('cassandra_cdc_raw_directory_full_in_seconds')]).to.deep.equal([0, 200, 90]);
  });

  it('have no sample for what is not known', async () => {
    await world.scrape();
    world.state = STARTING;
    const families = await world.scrape();
    for (const name of ['lag_seconds', 'lag_bytes', 'raw_directory_bytes', 'raw_directory_full_in_seconds', 'spool_bytes', 'ring_owned_ratio', 'commit_log_latency_floor_seconds']) {
      expect(families.get(`cassandra_cdc_${name}`)?.samples, name).to.deep.equal([]);
    }
    expect(valueOf(families, 'cassandra_cdc_state', { state: 'waiting_for_cassandra' })).to.equal(1);
  });

  it('count transactions, and start at 0, so that a first abort is an increase', async () => {
    expect(await world.value('cassandra_cdc_transactions_total', { outcome: 'aborted' })).to.equal(0);
    world.metrics.committed({ events: 3, bytes: 100, ms: 12 });
    world.metrics.committed({ events: 4, bytes: 50, ms: 800 });
    world.happenings.report('transaction aborted', { error: new Error('x') });
    const families = await world.scrape();
    const value = (name: string, labels = {}): number | undefined => valueOf(families, `cassandra_cdc_${name}`, labels);
    expect([value('transactions_total', { outcome: 'committed' }), value('transactions_total', { outcome: 'aborted' }), value('committed_events_total'), value('committed_bytes_total')]).to.deep.equal([2, 1, 7, 150]);
    expect([value('transaction_duration_seconds_bucket', { le: '0.025' }), value('transaction_duration_seconds_count')]).to.deep.equal([1, 2]);
    expect(value('transaction_duration_seconds_sum')).to.be.closeTo(0.812, 1e-9);
  });

  it('count entries of unknown tables from 0 on, so that the first one is an increase', async () => {
    const unknown = (): Promise<number | undefined> => world.value('cassandra_cdc_mutations_total', { keyspace: '', table: '', outcome: 'unknown_table' });
    world.metrics.tally = () => tallyOf([], {});
    expect(await unknown()).to.equal(0);
    world.metrics.tally = () => tallyOf([], { unknown_table: { '5a1c395e-0000-11f0-8000-000000000001': 2 } });
    expect(await unknown()).to.equal(2);
  });

  it('say nothing of shares of the ring where every copy is published: they add up to the number of nodes', async () => {
    expect(await world.value('cassandra_cdc_ring_owned_ratio')).to.equal(0.331);
    world.state = { ...TAILING, ownership: { mode: 'all', owned_share: 1, ring_epoch: 0, nodes: 0 } };
    expect(await world.value('cassandra_cdc_ring_owned_ratio')).to.equal(undefined);
    expect(await world.value('cassandra_cdc_ring_epoch')).to.equal(0);
  });

  it('count warnings and errors by stage and code, also those that the log leaves out', async () => {
    const error = Object.assign(new Error('no broker'), { code: 'kafka_unreachable' });
    for (let i = 0; i < 5; i++) world.happenings.report('kafka unavailable', { error });
    world.happenings.report('segment corrupt', { segment: '7', position: '7:10', code: 'entry_crc', policy: 'stop' });
    world.happenings.report('file refused', { file: '/d/x', reason: 'symbolic_link' });
    world.happenings.report('unknown table', { table_id: 'x', position: '7:10' });
    const families = await world.scrape();
    const count = (stage: string, code: string): number | undefined => valueOf(families, 'cassandra_cdc_errors_total', { stage, code });
    expect([count('kafka', 'kafka_unreachable'), count('source', 'entry_crc'), count('source', 'symbolic_link'), count('schema', 'unknown_table')]).to.deep.equal([5, 1, 1, 1]);
    expect(families.get('cassandra_cdc_errors_total')?.samples).to.have.lengthOf(4);
  });

  it('show a problem while it lasts', async () => {
    const problem = (): Promise<number | undefined> => world.value('cassandra_cdc_problem', { problem: 'kafka_unavailable' });
    expect(await problem()).to.equal(0);
    world.happenings.report('kafka unavailable', { error: new Error('x') });
    expect(await problem()).to.equal(1);
    world.happenings.over('kafka unavailable');
    expect(await problem()).to.equal(0);
  });

  it('count gaps and changes of the ring', async () => {
    world.happenings.report('gap', { from: '1:2', to: '1:3', reason: 'damaged' });
    world.happenings.report('ring changed', { epoch: 2, nodes: 4, owned_share: 0.25 });
    expect([await world.value('cassandra_cdc_gaps_total'), await world.value('cassandra_cdc_ring_changes_total')]).to.deep.equal([1, 1]);
  });

  it('have bounded labels, whatever codes and tables come', async () => {
    for (let i = 0; i < 500; i++) world.happenings.report('kafka unavailable', { error: Object.assign(new Error('x'), { code: `made_up_${i}` }) });
    world.happenings.report('kafka unavailable', { error: Object.assign(new Error('x'), { code: 'a "code"\nwith more' }) });
    world.metrics.tally = () => tallyOf(Array.from({ length: MOST_TABLES + 500 }, (_, i) => ['ks', `t${i}`, { c: 1, u: 0, d: 0, updates: 1 }] as const), {});
    const families = await world.scrape();
    expect(families.get('cassandra_cdc_errors_total')?.samples.length).to.be.at.most(210);
    expect(valueOf(families, 'cassandra_cdc_errors_total', { code: 'other' })).to.equal(301);
    expect(valueOf(families, 'cassandra_cdc_events_published_total', { table: 'other', op: 'c' })).to.equal(500);
    expect(families.get('cassandra_cdc_events_published_total')?.samples.length).to.equal(3 * (MOST_TABLES + 1));
  });

  it('take the tally as it is: tables of one name are one, unknown tables have no name', async () => {
    const skipped = { not_owned: { '': 20 }, not_cdc: { 'shop.audit': 4 }, unknown_table: { '5a1c395e-0000-11f0-8000-000000000001': 2, '5a1c395e-0000-11f0-8000-000000000002': 3 } };
    world.metrics.tally = () => tallyOf([['shop', 'orders', { c: 5, u: 2, d: 1, updates: 6 }], ['shop', 'orders', { c: 10, u: 0, d: 0, updates: 10 }]], skipped);
    for (let scrapes = 0; scrapes < 2; scrapes++) {
      const families = await world.scrape();
      const mutations = (labels: Record<string, string>): number | undefined => valueOf(families, 'cassandra_cdc_mutations_total', labels);
      expect([mutations({ keyspace: 'shop', table: 'orders', outcome: 'published' }), mutations({ keyspace: '', outcome: 'not_owned' }), mutations({ table: 'audit', outcome: 'not_cdc' }), mutations({ table: '', outcome: 'unknown_table' })]).to.deep.equal([16, 20, 4, 5]);
      expect(valueOf(families, 'cassandra_cdc_events_published_total', { keyspace: 'shop', table: 'orders', op: 'c' })).to.equal(15);
    }
  });

  it('show a loop that was blocked', async () => {
    const before = await world.value('cassandra_cdc_event_loop_delay_seconds', { quantile: '1' });
    await new Promise((resolve) => setTimeout(resolve, 250));
    const until = performance.now() + 500;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 250));
    const after = await world.value('cassandra_cdc_event_loop_delay_seconds', { quantile: '1' });
    expect(before).to.be.lessThan(0.3);
    expect(after).to.be.within(0.35, 5);
    // Two windows later it is forgotten.
    for (let windows = 0; windows < 2; windows++) {
      world.time += 60_000;
      await world.scrape();
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(await world.value('cassandra_cdc_event_loop_delay_seconds', { quantile: '1' })).to.be.lessThan(0.3);
  });

  it('have a problem for each happening that lasts', async () => {
    const lasting = (Object.keys(HAPPENINGS) as HappeningName[]).filter((name) => (HAPPENINGS[name] as Happening).recovery !== undefined);
    expect((await world.scrape()).get('cassandra_cdc_problem')?.samples.map(({ labels }) => labels.problem)).to.deep.equal(lasting.map((name) => name.replaceAll(/\W/g, '_')));
  });
});

describe('exposition reader of the tests', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['# TYPE a gauge\na 1', 'does not end'], ['a 1\n', 'without a type'], ['# TYPE a gauge\na one\n', 'no sample'], ['# TYPE a gauge\na{x=1} 1\n', 'no sample'], ['# TYPE a gauge\na Nan\n', 'no sample'],
    ['# TYPE a gauge\nb 1\n', 'among the samples'], ['# TYPE a gauge\na 1\na 2\n', 'equal samples'], ['# TYPE a counter\na 1\n', '_total'], ['# TYPE a gauge\n# TYPE a gauge\n', 'twice'],
    ['# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n', 'cumulative'], ['# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n', 'buckets'],
    ['# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n', 'last bucket'],
  ];
  for (const [text, problem] of wrong) it(`refuses ${JSON.stringify(text)}`, () => expect(() => parseExposition(text)).to.throw(problem));
});

function tallyOf(events: readonly (readonly [keyspace: string, name: string, counts: Counts])[], skipped: Readonly<Record<string, Readonly<Record<string, number>>>>): TallyView {
  return {
    events: new Map(events.map(([keyspace, name, counts]) => [{ keyspace, name }, counts])),
    skipped: new Map(Object.entries(skipped).map(([reason, names]) => [reason, new Map(Object.entries(names))])),
  };
}
