/** What a run has read, for people: events by table and op, what was skipped and why, and how far it came. */
import { formatPosition } from '../../parsers/index.js';
import { SKIP_REASONS, type SkipReason, type Tally } from '../events/tally.js';
import type { StreamPosition } from '../publisher/publisher.js';

export interface RunResult {
  readonly tally: Tally;
  readonly position: StreamPosition | undefined;
}

/** Names shown of what was skipped for one reason. */
const SHOWN_NAMES = 5;

export function formatSummary({ tally, position }: RunResult, { segments, milliseconds }: { readonly segments: number; readonly milliseconds: number }): string {
  const lines = [
    '',
    ...eventLines(tally),
    ...skippedLines(tally),
    `position  ${position === undefined ? 'none: no mutation was read' : formatPosition(position)}`,
    `${plural(tally.eventCount, 'event')} from ${plural(tally.mutations, 'mutation')} in ${plural(segments, 'segment')}, ${(milliseconds / 1000).toFixed(1)} s`,
  ];
  return lines.join('\n') + '\n';
}

function eventLines({ events }: Tally): string[] {
  if (events.size === 0) return ['no events'];
  const rows = [...events].map(([{ keyspace, name }, { c, u, d }]) => [`${keyspace}.${name}`, String(c), String(u), String(d)]);
  rows.sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(...rows.map(([name]) => name.length), 'events by table'.length);
  const line = ([name, ...counts]: readonly string[]): string => `${name.padEnd(width)}${counts.map((count) => count.padStart(9)).join('')}`;
  return [line(['events by table', 'c', 'u', 'd']), ...rows.map(line)];
}

function skippedLines({ skipped }: Tally): string[] {
  if (skipped.size === 0) return ['skipped   nothing'];
  return [...skipped].map(([reason, names]) => `skipped   ${sum(names)} ${reason}: ${SKIP_REASONS[reason satisfies SkipReason]}${shown(names)}`);
}

function shown(names: ReadonlyMap<string, number>): string {
  const most = [...names].filter(([name]) => name !== '').sort(([, a], [, b]) => b - a);
  if (most.length === 0) return '';
  const rest = most.length - SHOWN_NAMES;
  return ` (${most.slice(0, SHOWN_NAMES).map(([name, count]) => `${name} ${count}`).join(', ')}${rest > 0 ? `, ${rest} more` : ''})`;
}

function sum(names: ReadonlyMap<string, number>): number {
  return [...names.values()].reduce((total, count) => total + count, 0);
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
