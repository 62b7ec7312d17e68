/** Happenings: one call, one line, one count; repeats limited; recovery told. */
import { expect } from 'chai';
import fc from 'fast-check';
import { LOG_COMPONENTS } from '../../../agent/config/options/service.js';
import type { Entry } from '../../../agent/observe/log.js';
import { formatLine, LEVELS } from '../../../agent/observe/log-line.js';
import { Happenings } from '../../../agent/observe/happenings.js';
import { HAPPENINGS, type Happening, type HappeningName } from '../../../agent/observe/happenings-table.js';

class World {
  time = 1_000;
  enabled = true;
  readonly entries: Entry[] = [];
  readonly counted: string[] = [];
  readonly happenings = new Happenings({
    log: { isLevelEnabled: () => this.enabled, write: (entry) => void this.entries.push(entry) },
    metrics: { happened: (name) => void this.counted.push(name), recovered: (name) => void this.counted.push(`${name} over`) },
    now: () => this.time,
  });

  get lines(): string[] {
    return this.entries.map((entry) => formatLine({ ...entry, time: 0 }, { json: false, journal: false, terminal: true, colour: false }).replace(/ +/g, ' '));
  }
}

const broken = { error: new Error('no broker') };

describe('happenings', function () {
  this.timeout(30_000);

  it('write their line and their metric', () => {
    const world = new World();
    world.happenings.report('cassandra connected', { version: '5.0.6', host_id: 'h', datacenter: 'dc1', tokens: 16, cdc_tables: 7 });
    world.happenings.report('commit log', { mode: 'mmap', sync: 'periodic', latency_floor: 100 });
    expect(world.lines).to.deep.equal(['info cassandra connected version=5.0.6 host_id=h datacenter=dc1 tokens=16 cdc_tables=7', 'info commit log mode=mmap sync=periodic latency_floor=100ms']);
    expect(world.counted).to.deep.equal(['cassandra connected', 'commit log']);
  });

  it('read like the start in the operator\'s manual', () => {
    const world = new World();
    world.happenings.report('agent started', { version: '1.0.0', node: '22.22.0', config: '/etc/cassandra-cdc-agent/agent.yaml' });
    world.happenings.report('ownership computed', { mode: 'owner', owned_share: 0.331 });
    world.happenings.report('position restored', { position: '1795360528612:19204112', behind_segments: 2, behind_bytes: 31 * 2 ** 20 });
    world.happenings.report('tailing', { segment: '1795360528614' });
    const lines = world.entries.map((entry) => formatLine({ ...entry, time: 0 }, { json: false, journal: false, terminal: true, colour: false }));
    expect(lines).to.deep.equal([
      'info  agent started          version=1.0.0 node=22.22.0 config=/etc/cassandra-cdc-agent/agent.yaml',
      'info  ownership computed     mode=owner owned_share=33.1%',
      'info  position restored      position=1795360528612:19204112 behind_segments=2 behind_bytes=31MiB',
      'info  tailing                segment=1795360528614',
    ]);
  });

  it('count also what is not written', () => {
    const world = new World();
    world.enabled = false;
    world.happenings.report('kafka unavailable', broken);
    expect([world.lines, world.counted, world.happenings.isEnabled('kafka unavailable')]).to.deep.equal([[], ['kafka unavailable'], false]);
  });

  it('limit repeats, sum them up, and tell the recovery', () => {
    const world = new World();
    for (let second = 0; second < 150; second++) {
      world.happenings.report('kafka unavailable', { error: new Error(`attempt ${second}`) });
      world.time += 1_000;
    }
    world.happenings.over('kafka unavailable');
    world.happenings.over('kafka unavailable');
    expect(world.lines).to.deep.equal([
      'warn kafka unavailable error="attempt 0"',
      'warn kafka unavailable error="attempt 60" repeats=60 within=1m',
      'warn kafka unavailable error="attempt 120" repeats=60 within=1m',
      'info kafka back times=150 lasted=2m30s',
    ]);
    expect(world.counted).to.have.lengthOf(151).and.include('kafka unavailable over');
  });

  it('say at once that it happens again after a recovery', () => {
    const world = new World();
    for (let round = 0; round < 2; round++) {
      world.happenings.report('kafka unavailable', broken);
      world.happenings.over('kafka unavailable');
    }
    expect(world.lines).to.have.lengthOf(4);
  });

  it('sum up by the clock when nothing more comes, and forget what is past', () => {
    const world = new World();
    const odd = { table: 'shop.orders', column: 'x' };
    world.happenings.report('value not json', odd);
    world.happenings.report('value not json', odd);
    world.time += 59_999;
    world.happenings.tick();
    expect(world.lines).to.have.lengthOf(1);
    world.time += 1;
    world.happenings.tick();
    world.happenings.tick();
    expect(world.lines.slice(1)).to.deep.equal(['warn value not json table=shop.orders column=x repeats=1 within=1m']);
    world.happenings.report('value not json', odd);
    expect(world.lines.at(-1)).to.equal('warn value not json table=shop.orders column=x');
  });

  it('tell what they kept back before the log is closed', () => {
    const world = new World();
    world.happenings.report('kafka unavailable', broken);
    world.happenings.report('kafka unavailable', broken);
    world.happenings.flush();
    expect(world.lines).to.deep.equal(['warn kafka unavailable error="no broker"', 'warn kafka unavailable error="no broker" repeats=1 within=0ms']);
  });

  it('account for every repeat, whatever the times', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(90_000), fc.constantFrom('report', 'tick', 'over'))), (steps) => {
        const world = new World();
        let reported = 0;
        for (const [wait, step] of steps) {
          world.time += wait;
          if (step === 'report') {
            reported++;
            world.happenings.report('kafka unavailable', broken);
          } else if (step === 'tick') world.happenings.tick();
          else world.happenings.over('kafka unavailable');
        }
        world.happenings.over('kafka unavailable');
        // What a recovery line counts is the whole course.
        const counted = world.entries.filter(({ event }) => event === 'kafka back').reduce((sum, { fields }) => sum + Number(fields[0].value), 0);
        expect(counted).to.equal(reported);
        const written = world.entries.filter(({ event }) => event === 'kafka unavailable').length;
        expect(written).to.be.at.most(reported);
      }),
    );
  });

  it('write at most a line a minute for each name', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { minLength: 1 }), (waits) => {
        const world = new World();
        const start = world.time;
        for (const wait of waits) {
          world.time += wait;
          world.happenings.report('value not json', { table: 'x.y', column: 'z' });
          world.happenings.tick();
        }
        expect(world.lines.length).to.be.at.most(1 + Math.floor((world.time - start) / 60_000) + 1);
      }),
    );
  });
});

describe('the table of happenings', function () {
  this.timeout(30_000);

  const table = Object.entries(HAPPENINGS) as [HappeningName, Happening][];

  it('uses known levels, components and field names', () => {
    for (const [name, { level, component, fields }] of table) {
      expect(LEVELS, name).to.have.property(level);
      expect(LOG_COMPONENTS, name).to.include(component);
      expect(name).to.match(/^[a-z_ ]{3,26}$/);
      for (const field of Object.keys(fields)) expect(field, name).to.match(/^[a-z][a-z_]*$/).and.not.be.oneOf(['time', 'level', 'component', 'event', 'repeats', 'within', 'times', 'lasted']);
    }
  });

  it('shows values of rows at debug only', () => {
    const rows = table.filter(([, { fields }]) => Object.values(fields).some((kind) => kind.startsWith('row')));
    expect(rows.length).to.be.greaterThan(0);
    for (const [name, { level }] of rows) expect(level, name).to.equal('debug');
  });

  it('limits every warning and error that can repeat', () => {
    for (const [name, { level, limit, recovery }] of table) {
      if (recovery !== undefined) expect(limit, name).to.be.greaterThan(0);
      if (level === 'debug' || level === 'info') continue;
      expect(limit, name).to.be.oneOf([0, 60_000]);
    }
    expect(new Set(table.flatMap(([name, { recovery }]) => (recovery === undefined ? [name] : [name, recovery]))).size).to.equal(table.length + table.filter(([, { recovery }]) => recovery !== undefined).length);
  });
});
