/** Parts of the operator pages that are made from the code, each between two comments. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ERRORS, FAMILY_EXIT, type ErrorFamily, type ErrorHelp } from '../../agent/errors-table.js';
import { HAPPENINGS_HELP } from '../../agent/observe/happenings-help.js';
import { HAPPENINGS, type Happening, type ProblemName } from '../../agent/observe/happenings-table.js';
import { METRICS, type MetricDeclaration } from '../../agent/observe/metrics-table.js';
import { CORRUPT_CODES } from '../../parsers/errors.js';
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
  'deploy/TROUBLESHOOTING.md': (text) => between(between(text, 'errors', errorTables()), 'lines', linesTable()),
};

/** What the exit status of a family means under systemd. */
const FAMILIES: readonly (readonly [family: ErrorFamily, title: string, about: string])[] = [
  ['config', 'configuration', 'The agent stays down until somebody has changed something: systemd does not start it again.'],
  ['retryable', 'try again', 'In the running agent these are waited out: it goes on by itself. A verb such as `status` or `replay` ends with this status. Some arise inside the agent only and are seen in its log.'],
  ['io', 'files', 'A running agent ends, systemd starts it again, and it goes on where it was once the cause is gone, unless the row says otherwise.'],
  ['usage', 'usage', 'A command was given wrongly. Nothing was done.'],
];

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

function errorTables(): string {
  const all: readonly (readonly [string, ErrorHelp])[] = Object.entries(ERRORS);
  const groups = FAMILIES.map(([family, title, about]) => {
    const rows = all.filter(([, { families }]) => families.includes(family)).map(([code, { means, action }]) => `| \`${code}\` | ${cell(means)} | ${cell(action)} |`);
    return [`### Status ${FAMILY_EXIT[family]}: ${title}`, '', about, '', '| code | what it means | what to do |', '|---|---|---|', ...rows, ''].join('\n');
  });
  const damage = Object.entries(CORRUPT_CODES).map(([code, fix]) => `| \`${code}\` | ${cell(fix)} |`);
  const bug = ['### Status 70: a bug', '', 'An error without a code, with a stack: report it with that text. What is committed stays; systemd starts the agent again, and it reads again from there.', ''];
  const segments = [
    '### Damaged segments', '', 'The code of `segment corrupt` and `entry undecodable`. Under `source.on_corruption: stop` the agent ends before the damage with status 1, and again after each start; under `skip_section` it goes on behind it, with a gap event. "Skipped" in the table is what then happens, and what `inspect` does.', '',
    '| code | what it is, and what to do |', '|---|---|', ...damage, '',
  ];
  return [...groups, bug.join('\n'), segments.join('\n')].join('\n');
}

function linesTable(): string {
  const rows = (Object.keys(HAPPENINGS_HELP) as ProblemName[]).map((name) => {
    const { means, action } = HAPPENINGS_HELP[name];
    const { level, recovery }: Happening = HAPPENINGS[name];
    return `| \`${name}\` | ${level} | ${cell(means)} | ${cell(action)} | ${recovery === undefined ? '' : `\`${recovery}\``} |`;
  });
  return ['| line | level | what it means | what to do | over with |', '|---|---|---|---|---|', ...rows, ''].join('\n');
}

/** Templates of an annotation as words. */
function plain(text: string): string {
  return text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_whole, label: string) => (label === 'instance' ? 'a host' : `*${label}*`)).replace(/\{\{ \$value[^}]*\}\}/g, '*n*');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
