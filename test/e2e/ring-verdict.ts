/** What consumers got of a ring, compared with what the writer was told: lost, repeated and why, in order. */
import type { ConsumedRecord } from '../faults/judge.js';
import { RING_TEXT, type RingChange } from './ring-writer.js';

/** An event that is not the first of its change, by the row that it is about. */
export interface Sighting {
  readonly k: number;
  readonly c: number;
  readonly isLate: boolean;
  /** When the agent read it, ms since 1970. */
  readonly readAt: number;
  /** Host id of the node from whose log it comes. */
  readonly host: string;
}

export interface RepeatedChange extends Sighting {
  /** Of the event that came again. */
  readonly change: RingChange;
}

export interface MergedRow extends Sighting {
  /** It carries the row's marker. */
  readonly isInsert: boolean;
  readonly v: number | undefined;
}

export interface RingVerdict {
  readonly events: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly RingChange[];
  /** Came again, with the `cdc.id` of the first. */
  readonly repeated: readonly RepeatedChange[];
  /** Several writes to one row as one mutation, as Cassandra streams it: each cell is one that was written, with its value and its time. */
  readonly merged: readonly MergedRow[];
  /** An LWT that another coordinator proposed again under its own ballot: the same value with another write time. */
  readonly reproposed: number;
  /** Came again with another `cdc.id`, and no LWT. */
  readonly altered: number;
  /** Never written. */
  readonly invented: number;
  /** Behind one of the same row with a later write time, and not because the node's log has them so; repeats and merged rows are left out. */
  readonly disordered: readonly Sighting[];
  /** In the order of the log, which is not that of write times: a busy replica may log two writes of a row the other way round. */
  readonly overtaken: number;
  /** With the header `cdc.late`. */
  readonly late: number;
}

interface EventValue {
  readonly op: 'c' | 'u' | 'd';
  readonly ts_us: number;
  readonly ts_ms: number;
  readonly after: { readonly k: number; readonly c: number; readonly v?: number; readonly t?: string };
  readonly row: { readonly ts_us: number } | null;
  readonly cells: Readonly<Partial<Record<'v' | 't', { readonly ts_us: number }>>> | null;
  readonly source: { readonly host_id: string; readonly segment: number; readonly position: number };
}

const OPS: Readonly<Record<RingChange['op'], EventValue['op']>> = { insert: 'c', update: 'u', delete: 'd' };

export function judgeRing(changes: readonly RingChange[], records: readonly ConsumedRecord[]): RingVerdict {
  const written = new Map(changes.map((change) => [nameOf(OPS[change.op], change), change]));
  const seen = new Map<string, { readonly ids: Set<string>; readonly timestamp: number }>();
  /** By row: the event with the latest write time. */
  const latest = new Map<string, EventValue>();
  const unknown: { readonly event: EventValue; readonly sighting: Sighting }[] = [];
  const repeated: RepeatedChange[] = [];
  const disordered: Sighting[] = [];
  const counts = { reproposed: 0, altered: 0, overtaken: 0, late: 0 };
  for (const record of records) {
    const event = JSON.parse((record.value as Buffer).toString()) as EventValue;
    const { op, ts_us: timestamp, after: { k, c }, after } = event;
    const name = nameOf(op, after);
    const id = headerOf(record, 'cdc.id');
    const sighting = { k, c, isLate: headerOf(record, 'cdc.late') === 'true', readAt: event.ts_ms, host: event.source.host_id };
    if (sighting.isLate) counts.late++;
    const change = written.get(name);
    const known = seen.get(name);
    if (change === undefined) unknown.push({ event, sighting });
    else if (known?.ids.has(id) === true) repeated.push({ ...sighting, change });
    else if (known !== undefined && change.isLwt) counts.reproposed++;
    else if (known !== undefined) counts.altered++;
    if (change === undefined) continue;
    if (known === undefined) seen.set(name, { ids: new Set([id]), timestamp });
    else known.ids.add(id);
    if (known !== undefined || sighting.isLate) continue;
    const row = rowOf(after);
    const before = latest.get(row);
    if (before !== undefined && before.ts_us > timestamp) {
      if (isLoggedAfter(event, before)) counts.overtaken++;
      else disordered.push(sighting);
    } else {
      latest.set(row, event);
    }
  }
  const cells = cellsOf(changes, (name) => seen.get(name)?.timestamp);
  const merged = unknown.filter(({ event }) => isMerged(event, cells)).map(({ event: { op, after: { v } }, sighting }) => ({ ...sighting, isInsert: op === 'c', v }));
  const lost = [...written].flatMap(([name, change]) => (change.ackedAt === undefined || seen.has(name) ? [] : [change]));
  return { events: records.length, lost, repeated, merged, disordered, invented: unknown.length - merged.length, ...counts };
}

/** For one-line comparison, and to be printed. */
export function tallyRing({ lost, repeated, merged, disordered, ...counts }: RingVerdict): Record<keyof RingVerdict, number> {
  return { lost: lost.length, repeated: repeated.length, merged: merged.length, disordered: disordered.length, ...counts };
}

export const CLEAN_RING = { lost: 0, repeated: 0, merged: 0, altered: 0, invented: 0, disordered: 0 } as const;

/**
 * Of what is lost: changes that consumers can do without, because what overwrote them, or the row as all writes left it,
 * is there. A missing INSERT needs more than a later UPDATE, which has no marker.
 */
export function outlived({ lost, merged }: Pick<RingVerdict, 'lost' | 'merged'>, changes: readonly RingChange[]): RingChange[] {
  const missing = new Set(lost);
  const changesOf = byRow(changes);
  const mergedOf = byRow(merged);
  return lost.filter((change) => {
    const ofRow = changesOf.get(rowOf(change)) ?? [];
    const overwrote = ofRow.some((later) => !missing.has(later) && later.issuedAt >= (change.ackedAt ?? Infinity) && (later.op === 'delete' || change.op === 'update'));
    const issuedAt = (v: number | undefined): number => ofRow.find((one) => one.v === v)?.issuedAt ?? -Infinity;
    const isInMerged = (row: MergedRow): boolean => (row.isInsert || change.op === 'update') && issuedAt(row.v) >= change.issuedAt;
    return overwrote || (change.op !== 'delete' && (mergedOf.get(rowOf(change)) ?? []).some(isInMerged));
  });
}

export function headerOf({ headers }: ConsumedRecord, name: string): string {
  return headers.find(([header]) => header === name)?.[1]?.toString() ?? '';
}

function isLoggedAfter({ source: event }: EventValue, { source: other }: EventValue): boolean {
  return event.host_id === other.host_id && (event.segment > other.segment || (event.segment === other.segment && event.position > other.position));
}

/** What was written to each row: values, and where an event told them, their times. */
interface WrittenCells {
  readonly k: number;
  readonly c: number;
  readonly isInsert: boolean;
  readonly v: number | undefined;
  readonly timestamp: number | undefined;
}

function cellsOf(changes: readonly RingChange[], timeOf: (name: string) => number | undefined): Map<string, WrittenCells[]> {
  return byRow(changes.filter(({ op }) => op !== 'delete').map((change) => ({ ...change, isInsert: change.op === 'insert', timestamp: timeOf(nameOf(OPS[change.op], change)) })));
}

function byRow<T extends { readonly k: number; readonly c: number }>(all: readonly T[]): Map<string, T[]> {
  const rows = new Map<string, T[]>();
  for (const one of all) {
    const row = rowOf(one);
    const others = rows.get(row);
    if (others === undefined) rows.set(row, [one]);
    else others.push(one);
  }
  return rows;
}

function rowOf({ k, c }: { readonly k: number; readonly c: number }): string {
  return `${k} ${c}`;
}

/** Each of its cells, and its marker, is one that was written to the row, and it holds what two writes or more set. */
function isMerged({ op, ts_us: timestamp, after: { k, c, v, t }, row, cells }: EventValue, rows: ReadonlyMap<string, readonly WrittenCells[]>): boolean {
  const written = rows.get(rowOf({ k, c })) ?? [];
  if (op === 'd') return false;
  const isOf = (one: WrittenCells, time: number): boolean => one.timestamp === undefined || one.timestamp === time;
  const insert = (time: number): boolean => written.some((one) => one.isInsert && isOf(one, time));
  if (v !== undefined && !written.some((one) => one.v === v && isOf(one, cells?.v?.ts_us ?? timestamp))) return false;
  if (t !== undefined && !(t === RING_TEXT && insert(cells?.t?.ts_us ?? timestamp))) return false;
  if (row !== null && !insert(row.ts_us)) return false;
  return v !== undefined || t !== undefined || row !== null;
}

function nameOf(op: EventValue['op'], { k, c, v }: { readonly k: number; readonly c: number; readonly v?: number | undefined }): string {
  return `${op} ${k} ${c} ${v ?? ''}`;
}
