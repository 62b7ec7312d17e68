/**
 * The state of an agent for people: 80 columns, clear without colour.
 *
 *   cassandra-cdc-agent 1.0.0, process 4242, up 2h
 *
 *   state         tailing since 2h
 *   lag           400ms, 1KiB to read
 *   events        1,000,000 published, 1,893/s
 */
import { PHASES, type AgentState } from '../observe/agent-state.js';
import { humanBytes, humanDuration, humanRatio } from '../observe/humanise.js';
import { wrapped } from '../observe/wrap.js';

const NAME_WIDTH = 14;
const LAYOUT = { width: 80, indent: ' '.repeat(NAME_WIDTH) } as const;
const BAR_WIDTH = 20;
const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;
const UNKNOWN = 'not known yet';

type Row = readonly [name: string, text: string, ...more: readonly string[]];

export function statusText(state: AgentState): string {
  const head = `cassandra-cdc-agent ${state.version}, process ${state.pid}, up ${humanDuration(state.uptime_seconds * MS_PER_SECOND)}`;
  const rows = [...workRows(state), ...placeRows(state), ...troubleRows(state)];
  const lines = rows.flatMap(([name, ...texts]) => texts.flatMap((text, at) => wrapped(`${(at === 0 ? name : '').padEnd(NAME_WIDTH)}${text}`, LAYOUT)));
  return `${[head, '', ...lines].join('\n')}\n`;
}

function workRows(state: AgentState): Row[] {
  const { state: phase, state_reason: reason, lag, segments, events, transactions, position, read_position: read } = state;
  const since = `${phase.replaceAll('_', ' ')} since ${age(state, state.state_since)}`;
  return [
    ['state', `${since}: ${reason ?? PHASES[phase]}`],
    ['lag', lag.seconds === null ? UNKNOWN : `${humanDuration(lag.seconds * MS_PER_SECOND)}${lag.bytes === null ? '' : `, ${humanBytes(lag.bytes)} to read`}`],
    ['position', position === null ? UNKNOWN : `${position} published${read === null || read === position ? '' : `, ${read} read`}`],
    ['segments', [`${segments.unread} unread`, `${segments.read} read and kept`, ...(segments.quarantined > 0 ? [`${segments.quarantined} damaged, in quarantine`] : []), ...(segments.refused > 0 ? [`${segments.refused} names in cdc_raw refused`] : [])].join(', ')],
    ['events', `${grouped(events.published)} published, ${grouped(Math.round(events.per_second))}/s over the last minute`],
    ['not events', notEvents(events)],
    ['transactions', [`${grouped(transactions.committed)} committed`, `${grouped(transactions.failed)} failed`, ...(transactions.last_duration_seconds === null ? [] : [`the last took ${humanDuration(transactions.last_duration_seconds * MS_PER_SECOND)}`])].join(', ')],
  ];
}

function notEvents({ skipped, repeats, late }: AgentState['events']): string {
  const reasons = Object.entries(skipped).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a).map(([reason, count]) => `${grouped(count)} ${reason}`);
  const rest = [...(repeats > 0 && !('repeat' in skipped) ? [`${grouped(repeats)} repeat`] : []), ...(late > 0 ? [`${grouped(late)} published late`] : [])];
  return [...reasons, ...rest].join(', ') || 'none';
}

function placeRows({ ownership, cluster, datacenter, host_id: host, cassandra_version: version, commit_log: log, cdc_raw: raw, spool }: AgentState): Row[] {
  return [
    ['ownership', ownership === null ? UNKNOWN : `${humanRatio(ownership.owned_share)} of the ring, mode ${ownership.mode}, ${ownership.nodes} node${ownership.nodes === 1 ? '' : 's'}, ring epoch ${ownership.ring_epoch}`],
    ['node', host === null ? UNKNOWN : `${host} in ${datacenter ?? '?'} of ${cluster ?? '?'}, Cassandra ${version ?? '?'}`],
    ['commit log', log === null ? UNKNOWN : `${log.mode}, ${log.sync} sync: a row can be seen within ${humanDuration(log.latency_floor_seconds * MS_PER_SECOND)}`],
    ['cdc_raw', raw === null ? UNKNOWN : `${fill(raw.bytes, raw.limit_bytes)}, ${untilFull(raw.minutes_until_full)}`],
    ['spool', spool === null ? 'off' : fill(spool.bytes, spool.limit_bytes)],
  ];
}

function troubleRows(state: AgentState): Row[] {
  const { gaps, last_error: error } = state;
  const gap: Row = gaps.last === null ? ['gaps', 'none'] : ['gaps', `${gaps.count}; the last ${age(state, gaps.last.time)} ago: ${gaps.last.from} to ${gaps.last.to} (${gaps.last.reason})`];
  if (error === null) return [gap, ['last error', 'none']];
  const fix = error.fix === null ? [] : [`fix: ${error.fix}`];
  return [gap, ['last error', `${error.over ? 'over: ' : ''}${error.message} (${error.code}, ${age(state, error.time)} ago)`, ...fix]];
}

/** `64MiB of 4GiB [#...................] 1.6%`. */
function fill(bytes: number, limit: number | null): string {
  if (limit === null) return humanBytes(bytes);
  const ratio = limit === 0 ? 1 : Math.min(bytes / limit, 1);
  const filled = ratio === 0 ? 0 : Math.max(1, Math.floor(ratio * BAR_WIDTH));
  return `${humanBytes(bytes)} of ${humanBytes(limit)} [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${humanRatio(ratio)}`;
}

function untilFull(minutes: number | null): string {
  if (minutes === null) return 'not filling';
  return minutes === 0 ? 'FULL' : `full in ${humanDuration(minutes * MS_PER_MINUTE)}`;
}

/** By the agent's own clock: the times are its. */
function age({ time }: AgentState, then: string): string {
  return humanDuration(Math.max(0, Date.parse(time) - Date.parse(then)));
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
