/** Dashboard, alert rules and their tests against the declaration of the metrics: a name that is misspelt shows nothing, for ever. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { METRICS, type MetricDeclaration } from '../../agent/observe/metrics-table.js';
import { projectRoot } from '../helpers/project-root.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface RuleTests {
  readonly tests: readonly { readonly input_series: readonly { readonly series: string }[]; readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[] }[];
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat?: string }[];
}

const read = (path: string): string => readFileSync(join(projectRoot, 'deploy', path), 'utf8');
const rules = (parse(read('prometheus/cassandra-cdc-agent.rules.yml')) as { groups: readonly { rules: readonly Rule[] }[] }).groups.flatMap((group) => group.rules);
const ruleTests = parse(read('prometheus/cassandra-cdc-agent.rules.test.yml')) as RuleTests;
const dashboard = JSON.parse(read('grafana/cassandra-cdc-agent.json')) as { readonly panels: readonly Panel[]; readonly templating: { readonly list: readonly { readonly name: string }[] } };
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

/** Labels that Prometheus adds to every series of a scrape. */
const SCRAPE_LABELS = ['job', 'instance'];
const SUFFIX = /_(?:bucket|sum|count)$/;

function declarationOf(name: string): MetricDeclaration | undefined {
  const all: Readonly<Record<string, MetricDeclaration>> = METRICS;
  if (Object.hasOwn(all, name)) return all[name];
  const family = name.replace(SUFFIX, '');
  return all[family]?.type === 'histogram' ? all[family] : undefined;
}

/** What a PromQL expression asks for that the agent does not export. */
export function unknownIn(expr: string): string[] {
  const withoutText = expr.replace(/"[^"]*"/g, '""');
  const problems: string[] = [];
  for (const [, name, selector = ''] of withoutText.matchAll(/\b((?:cassandra_cdc|process)_[a-z_]+)(?:\{([^}]*)\})?/g)) {
    const declaration = declarationOf(name);
    if (declaration === undefined) problems.push(name);
    for (const [, label] of selector.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)/g)) {
      if (declaration !== undefined && !SCRAPE_LABELS.includes(label) && !declaration.labels.includes(label)) problems.push(`${name}{${label}}`);
    }
  }
  return problems;
}

const metricsIn = (expr: string): string[] => [...expr.matchAll(/\b(?:cassandra_cdc|process)_[a-z_]+/g)].map(([name]) => (declarationOf(name) === undefined || Object.hasOwn(METRICS, name) ? name : name.replace(SUFFIX, '')));

describe('monitoring', () => {
  it('notices a metric or label that the agent does not export', () => {
    expect(unknownIn('rate(cassandra_cdc_errors_totl[5m])')).to.deep.equal(['cassandra_cdc_errors_totl']);
    expect(unknownIn('cassandra_cdc_segments{stat="x", job="y"}')).to.deep.equal(['cassandra_cdc_segments{stat}']);
    expect(unknownIn('cassandra_cdc_lag_seconds_bucket')).to.deep.equal(['cassandra_cdc_lag_seconds_bucket']);
    expect(unknownIn('cassandra_cdc_write_to_commit_seconds_bucket{le="5", instance=~"a|b"}')).to.deep.equal(['cassandra_cdc_write_to_commit_seconds_bucket{le}']);
  });

  it('asks in alert rules and dashboard only for what the agent exports', () => {
    for (const { alert, expr } of rules) expect(unknownIn(expr), alert).to.deep.equal([]);
    for (const { title, expr } of queries) expect(unknownIn(expr), title).to.deep.equal([]);
    for (const { series } of ruleTests.tests.flatMap(({ input_series }) => input_series)) expect(unknownIn(series.replace(/, le="[^"]*"/, '')), series).to.deep.equal([]);
  });

  it('shows every metric of the agent in the dashboard', () => {
    const shown = new Set(queries.flatMap(({ expr }) => metricsIn(expr)));
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).to.deep.equal([]);
  });

  it('names in legends only labels that the series have', () => {
    for (const { title, expr, legendFormat = '' } of queries) {
      const grouped = /\bby \(([^)]*)\)/.exec(expr)?.[1].split(/,\s*/);
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
        const has = grouped?.includes(label) ?? (SCRAPE_LABELS.includes(label) || metricsIn(expr).some((name) => declarationOf(name)?.labels.includes(label)));
        expect(has, `${title}: ${label}`).to.equal(true);
      }
    }
  });

  it('lays panels out without overlap, each with a title of its own', () => {
    const cells = new Set<string>();
    for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
      expect(x + w, title).to.be.at.most(24);
      for (let i = x; i < x + w; i++) for (let j = y; j < y + h; j++) {
        expect(cells.has(`${i},${j}`), title).to.equal(false);
        cells.add(`${i},${j}`);
      }
    }
    const titles = dashboard.panels.map(({ title }) => title);
    expect(new Set(titles).size).to.equal(titles.length);
    expect(dashboard.templating.list.map(({ name }) => name)).to.deep.equal(['datasource', 'job', 'instance']);
  });

  it('gives each alert a severity, a summary and what to do, and a test in which it fires', () => {
    const firing = new Set(ruleTests.tests.flatMap(({ alert_rule_test }) => alert_rule_test).filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ alertname }) => alertname));
    for (const { alert, labels, annotations } of rules) {
      expect(labels.severity, alert).to.be.oneOf(['page', 'ticket']);
      expect(Object.keys(annotations), alert).to.have.members(['summary', 'description']);
      expect(firing.has(alert), `${alert} fires in a test`).to.equal(true);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).to.equal(rules.length);
  });
});
