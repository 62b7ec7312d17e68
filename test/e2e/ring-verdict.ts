/** What consumers got of a ring, compared with what the writer was told: lost, repeated and why, in order. */
import type { ConsumedRecord } from '../faults/judge.js';
import type { RingChange } from './ring-writer.js';

export interface RepeatedChange {
  /** Of the event that came again. */
  readonly change: RingChange;
  readonly isLate: boolean;
}

export interface RingVerdict {
  readonly events: number;
  /** Acknowledged, and not there. */
  readonly lost: readonly RingChange[];
  /** Came again, with the `cdc.id` of the first. */
  readonly repeated: readonly RepeatedChange[];
  /** An LWT that another coordinator proposed again under its own ballot: the same value with another write time. */
  readonly reproposed: number;
  /** Came again with another `cdc.id`, and no LWT. */
  readonly altered: number;
  /** Never written. */
  readonly invented: number;
  /** Pairs of one row whose order is not that of their write times; repeats are left out. */
  readonly disordered: number;
  /** With the header `cdc.late`. */
  readonly late: number;
}

interface EventValue {
  readonly op: 'c' | 'u' | 'd';
  readonly ts_us: number;
  readonly after: { readonly k: number; readonly c: number; readonly v?: number };
}

const OPS: Readonly<Record<RingChange['op'], EventValue['op']>> = { insert: 'c', update: 'u', delete: 'd' };

export function judgeRing(changes: readonly RingChange[], records: readonly ConsumedRecord[]): RingVerdict {
  const written = new Map(changes.map((change) => [nameOf(OPS[change.op], change), change]));
  const seen = new Map<string, Set<string>>();
  const latest = new Map<string, number>();
  const repeated: RepeatedChange[] = [];
  const counts = { reproposed: 0, altered: 0, invented: 0, disordered: 0, late: 0 };
  for (const record of records) {
    const { op, ts_us: timestamp, after } = JSON.parse((record.value as Buffer).toString()) as EventValue;
    const name = nameOf(op, after);
    const id = headerOf(record, 'cdc.id');
    const isLate = headerOf(record, 'cdc.late') === 'true';
    if (isLate) counts.late++;
    const change = written.get(name);
    const ids = seen.get(name);
    if (change === undefined) counts.invented++;
    else if (ids?.has(id) === true) repeated.push({ change, isLate });
    else if (ids !== undefined && change.isLwt) counts.reproposed++;
    else if (ids !== undefined) counts.altered++;
    if (ids === undefined) seen.set(name, new Set([id]));
    else ids.add(id);
    if (ids !== undefined || isLate) continue;
    const row = `${after.k} ${after.c}`;
    if ((latest.get(row) ?? 0) > timestamp) counts.disordered++;
    latest.set(row, timestamp);
  }
  return { events: records.length, lost: [...written].flatMap(([name, change]) => (change.ackedAt === undefined || seen.has(name) ? [] : [change])), repeated, ...counts };
}

/** For one-line comparison, and to be printed. */
export function tallyRing({ lost, repeated, ...counts }: RingVerdict): Record<keyof RingVerdict, number> {
  return { lost: lost.length, repeated: repeated.length, ...counts };
}

export const CLEAN_RING = { lost: 0, repeated: 0, altered: 0, invented: 0, disordered: 0 } as const;

export function headerOf({ headers }: ConsumedRecord, name: string): string {
  return headers.find(([header]) => header === name)?.[1]?.toString() ?? '';
}

function nameOf(op: EventValue['op'], { k, c, v }: { readonly k: number; readonly c: number; readonly v?: number | undefined }): string {
  return `${op} ${k} ${c} ${v ?? ''}`;
}
