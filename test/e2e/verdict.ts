/** What consumers got, compared with what the writer was told: nothing lost, nothing twice, each key in order. */
import type { ConsumedRecord } from '../faults/judge.js';
import type { WrittenChange } from './writer.js';

export interface Verdict {
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** There more than once. */
  readonly duplicated: number;
  /** Pairs of one key whose order is not that of the writes. */
  readonly disordered: number;
  /** Never written. */
  readonly invented: number;
  readonly events: number;
}

interface EventValue {
  readonly op: string;
  readonly ts_us: number;
  readonly after: { readonly k: number };
}

const OPS: Readonly<Record<WrittenChange['kind'], string>> = { insert: 'c', update: 'u', delete: 'd' };

export function judge(changes: readonly WrittenChange[], records: readonly ConsumedRecord[]): Verdict {
  const written = new Map(changes.map((change) => [`${change.key} ${change.timestamp} ${OPS[change.kind]}`, change]));
  const seen = new Map<string, number>();
  const latest = new Map<number, number>();
  let disordered = 0;
  let invented = 0;
  for (const { value } of records) {
    const { op, ts_us: timestamp, after: { k } } = JSON.parse((value as Buffer).toString()) as EventValue;
    const name = `${k} ${timestamp} ${op}`;
    if (!written.has(name)) invented++;
    seen.set(name, (seen.get(name) ?? 0) + 1);
    if ((latest.get(k) ?? 0) > timestamp) disordered++;
    latest.set(k, timestamp);
  }
  let lost = 0;
  for (const [name, { ackedAt }] of written) if (ackedAt !== undefined && !seen.has(name)) lost++;
  const duplicated = [...seen.values()].reduce((sum, count) => sum + count - 1, 0);
  return { lost, duplicated, disordered, invented, events: records.length };
}

export const CLEAN = { lost: 0, duplicated: 0, disordered: 0, invented: 0 } as const;
