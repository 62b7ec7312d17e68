/** Prometheus' own tool on the alert rules, their tests, the scrape example and every query of the dashboard. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { projectRoot } from '../helpers/project-root.js';
import { Machine } from './machine.js';

const read = (path: string): string => readFileSync(join(projectRoot, 'deploy', path), 'utf8');
const RULES = 'cassandra-cdc-agent.rules.yml';

describe('promtool', () => {
  let machine: Machine;

  before(async () => {
    machine = await Machine.boot();
    for (const name of [RULES, 'cassandra-cdc-agent.rules.test.yml', 'scrape.yml']) await machine.write(`/srv/${name}`, read(`prometheus/${name}`));
  });
  after(() => machine.remove());

  it('finds the rules valid', async () => {
    expect(await machine.must(`cd /srv && promtool check rules ${RULES}`)).to.include('SUCCESS');
  });

  it('sees each alert fire when it should, and only then', async () => {
    expect(await machine.must('cd /srv && promtool test rules cassandra-cdc-agent.rules.test.yml')).to.include('SUCCESS');
  });

  it('sees the tests fail on rules with another threshold', async () => {
    await machine.must(`mkdir -p /srv/other && cd /srv/other && cp ../*.test.yml . && sed 's/_lag_seconds > 60/_lag_seconds > 6000/' ../${RULES} > ${RULES}`);
    const { code, text } = await machine.run('cd /srv/other && promtool test rules cassandra-cdc-agent.rules.test.yml');
    expect(code).to.not.equal(0);
    expect(text).to.include('CdcLag');
  });

  it('takes the scrape example', async () => {
    await machine.must('mkdir -p /etc/prometheus && touch /etc/prometheus/cdc-agent-ca.pem /etc/prometheus/cdc-agent-token');
    expect(await machine.must('cd /srv && promtool check config scrape.yml')).to.include('SUCCESS');
  });

  it('parses every query of the dashboard', async () => {
    const { panels } = JSON.parse(read('grafana/cassandra-cdc-agent.json')) as { panels: { targets?: { expr: string }[] }[] };
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h').replaceAll('$job', 'j').replaceAll('$instance', '.*')));
    expect(exprs.length).to.be.greaterThan(30);
    await machine.write('/srv/dashboard.yml', stringify({ groups: [{ name: 'dashboard', rules: exprs.map((expr, index) => ({ record: `panel_${index}`, expr })) }] }));
    expect(await machine.must('promtool check rules /srv/dashboard.yml')).to.include(`${exprs.length} rules found`);
  });
});
