/** Parts of the operator pages that are made from the code, each between two comments. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { METRICS, type MetricDeclaration } from '../../agent/observe/metrics-table.js';
import { projectRoot } from '../deb/paths.js';

interface Rule {
  readonly alert: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly description: string; readonly summary: string };
}

/** By file: what it should be, from what it is. */
export const GENERATED: Readonly<Record<string, (text: string) => string>> = {
  'deploy/OPERATIONS.md': (text) => between(between(text, 'metrics', metricsTable()), 'alerts', alertsTable()),
};

/** Puts `content` between the comments of that name. Throws when they are not there. */
export function between(text: string, name: string, content: string): string {
  const pattern = new RegExp(`(<!-- ${name}: [^>]*-->\\n)[\\s\\S]*?(<!-- end -->)`);
  if (!pattern.test(text)) throw new Error(`there is no <!-- ${name}: … --> … <!-- end -->`);
  return text.replace(pattern, (_whole, open: string, close: string) => `${open}\n${content}\n${close}`);
}

function metricsTable(): string {
  const all: Readonly<Record<string, MetricDeclaration>> = METRICS;
  const rows = Object.entries(all).map(([name, { type, labels, help }]) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${cell(help)} |`);
  return ['| metric | type | labels | |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function alertsTable(): string {
  const { groups } = parse(readFileSync(join(projectRoot, 'deploy/prometheus/cassandra-cdc-agent.rules.yml'), 'utf8')) as { groups: readonly { readonly rules: readonly Rule[] }[] };
  const rows = groups.flatMap(({ rules }) => rules).map(({ alert, labels, for: held = 'at once', annotations }) => `| \`${alert}\` | ${labels.severity} | ${held} | ${cell(plain(annotations.summary))}. ${cell(annotations.description)} |`);
  return ['| alert | | after | what it says |', '|---|---|---|---|', ...rows, ''].join('\n');
}

/** Templates of an annotation as words. */
function plain(text: string): string {
  return text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_whole, label: string) => (label === 'instance' ? 'a host' : `*${label}*`)).replace(/\{\{ \$value[^}]*\}\}/g, '*n*');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
