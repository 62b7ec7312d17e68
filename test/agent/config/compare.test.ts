/** What a reload changes. */
import { expect } from 'chai';
import { compareConfigs } from '../../../agent/config/compare.js';
import { load, REQUIRED } from './world.js';

const changes = (one: string, other: string): unknown => compareConfigs(load(one).config, load(other).config);

describe('configuration: reload', () => {
  it('finds nothing where nothing changed', () => {
    const text = `${REQUIRED}tables: { columns: { "a.b": { hash: [c] } } }\nevents: { headers: { x: y } }\n`;
    expect(changes(text, `# the same\n${text}log: {}\n`)).to.deep.equal({ reloadable: [], needRestart: [] });
  });

  it('tells what takes effect from what waits for a restart', () => {
    expect(changes(REQUIRED, `${REQUIRED}log: { level: debug, format: json, levels: { source: debug } }\nsource: { poll_interval: 50ms, durability: fsync }\ntables: { include: ["a.*"], columns: { a.b: { hash: [c] } } }\n`)).to.deep.equal({
      reloadable: ['source.poll_interval', 'tables.include', 'log.level', 'log.levels.source'],
      needRestart: ['source.durability', 'tables.columns."a.b".include', 'tables.columns."a.b".exclude', 'tables.columns."a.b".hash', 'log.format'],
    });
  });

  it('sees a changed secret, and names its key only', () => {
    const text = (password: string): string => `cassandra: { contact_points: [a], username: u, password: ${password} }\nkafka: { brokers: [k] }\n`;
    expect(changes(text('one'), text('two'))).to.deep.equal({ reloadable: [], needRestart: ['cassandra.password'] });
    expect(changes(text('one'), text('one'))).to.deep.equal({ reloadable: [], needRestart: [] });
  });

  it('sees a section switched on and a list item changed', () => {
    expect(changes(REQUIRED, 'cassandra: { contact_points: [127.0.0.1], tls: {} }\nkafka: { brokers: [k2] }\n')).to.deep.equal({ reloadable: [], needRestart: ['cassandra.tls', 'kafka.brokers'] });
  });
});
