/**
 * The changes that a mutation makes and their ids, from the raw contract (what Cassandra's own reader says) and the text of
 * agent/EVENTS.md; nothing of the agent's code. Clear rather than fast: BigInt, small buffers, one hash per change.
 */
import { createHash } from 'node:crypto';
import type { RawCell, RawDeletion, RawMarker, RawRow, RawUpdate } from './raw-contract.js';

export interface ReferenceChange {
  readonly op: 'c' | 'u' | 'd';
  readonly scope: 'row' | 'static' | 'partition' | 'range';
  readonly index: number;
  readonly ts: string;
  /** Null where the raw contract shortened a value. */
  readonly id: string | null;
  /** The bytes that the id is the hash of, hex. */
  readonly canonical: string | null;
}

const INCLUSIVE_STARTS = ['INCL_START_BOUND', 'EXCL_END_INCL_START_BOUNDARY'];
const INCLUSIVE_ENDS = ['INCL_END_BOUND', 'INCL_END_EXCL_START_BOUNDARY'];

/** When columns were dropped, microseconds, by table id and name; the raw contract says only that they were. */
export type DropTimes = ReadonlyMap<string, bigint>;

export function dropKey(tableId: string, column: string): string {
  return `${tableId} ${column}`;
}

/**
 * Changes of one mutation; updates of tables that are not captured are left out before. A cell of a dropped column is
 * hidden when it was written before the drop; without its time, in any case.
 */
export function changesOf(updates: readonly RawUpdate[], dropTimes: DropTimes = new Map()): ReferenceChange[] {
  const changes: ReferenceChange[] = [];
  let index = 0;
  for (const update of updates) {
    for (const { isShown, ...change } of updateChanges(update, dropTimes)) {
      if (isShown) changes.push({ ...change, index });
      index++;
    }
  }
  return changes;
}

type Found = Omit<ReferenceChange, 'index'> & { readonly isShown: boolean };

function* updateChanges(update: RawUpdate, dropTimes: DropTimes): Generator<Found> {
  const isHidden = (column: string, dropped: 1 | undefined, ts: string): boolean => dropped !== undefined && BigInt(ts) <= (dropTimes.get(dropKey(update.id, column)) ?? 2n ** 63n);
  const found = (kind: number, body: readonly Part[], rest: Omit<Found, 'id' | 'canonical' | 'isShown'> & { isShown?: boolean }): Found =>
    ({ isShown: true, ...rest, ...identity(update, kind, body) });
  const make = { found, isHidden };
  if (update.del !== undefined) yield found(1, deletion(update.del), { op: 'd', scope: 'partition', ts: update.del[0] });
  if (update.static !== undefined) yield* rowChanges(update.static, true, make);
  const items = update.items ?? [];
  for (const [i, item] of items.entries()) {
    if (item.t === 'row') {
      yield* rowChanges(item, false, make);
    } else if (item.open !== undefined) {
      const end = items.slice(i + 1).find((next): next is RawMarker => next.t === 'rt');
      if (end?.close === undefined) continue;
      const bounds = [byte(INCLUSIVE_STARTS.includes(item.kind) ? 1 : 0), ...clustering(item.ck ?? []), byte(INCLUSIVE_ENDS.includes(end.kind) ? 1 : 0), ...clustering(end.ck ?? [])];
      yield found(2, [...bounds, ...deletion(item.open)], { op: 'd', scope: 'range', ts: item.open[0] });
    }
  }
}

interface Make {
  readonly found: (kind: number, body: readonly Part[], rest: Omit<Found, 'id' | 'canonical' | 'isShown'> & { isShown?: boolean }) => Found;
  readonly isHidden: (column: string, dropped: 1 | undefined, ts: string) => boolean;
}

function* rowChanges(row: RawRow, isStatic: boolean, { found, isHidden }: Make): Generator<Found> {
  const scope = isStatic ? 'static' : 'row';
  const ck = isStatic ? [] : clustering(row.ck ?? []);
  const { cells = [], cdel = [] } = row;
  if (row.del !== undefined) yield found(isStatic ? 6 : 3, [...ck, ...deletion(row.del)], { op: 'd', scope, ts: row.del[0] });
  if (row.del !== undefined && row.live === undefined && cells.length + cdel.length === 0) return;
  const times = [
    ...(row.live === undefined ? [] : [BigInt(row.live[0])]),
    ...cells.filter((cell) => !isHidden(cell.c, cell.dropped, cell.ts)).map((cell) => BigInt(cell.ts)),
    ...cdel.filter((wipe) => !isHidden(wipe.c, wipe.dropped, wipe.del[0])).map((wipe) => BigInt(wipe.del[0])),
  ];
  const ts = times.reduce((a, b) => (b > a ? b : a), times[0] ?? 0n);
  yield found(isStatic ? 5 : 4, [...ck, ...liveness(row), ...columns(cells, cdel)], { op: row.live === undefined ? 'u' : 'c', scope, ts: String(ts), isShown: times.length > 0 });
}

/** Bytes, or null where the raw contract gives a digest only. */
type Part = Buffer | null;

function identity(update: RawUpdate, kind: number, body: readonly Part[]): Pick<ReferenceChange, 'id' | 'canonical'> {
  const parts = [byte(1), Buffer.from(update.id.replaceAll('-', ''), 'hex'), ...bytes(update.key), byte(kind), ...body];
  if (parts.includes(null)) return { id: null, canonical: null };
  const canonical = Buffer.concat(parts as Buffer[]);
  return { id: createHash('sha256').update(canonical).digest('hex').slice(0, 32), canonical: canonical.toString('hex') };
}

const byte = (value: number): Buffer => Buffer.of(value);

function int32(value: number): Buffer {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value < 0 ? value + 2 ** 32 : value);
  return out;
}

function int64(value: string): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigInt64BE(BigInt(value));
  return out;
}

function bytes(hex: string): Part[] {
  if (hex.startsWith('#')) return [null];
  const value = Buffer.from(hex, 'hex');
  return [int32(value.length), value];
}

function clustering(values: readonly (string | null)[]): Part[] {
  return [int32(values.length), ...values.flatMap((value) => (value === null ? [int32(-1)] : bytes(value)))];
}

function deletion([timestamp, localDeletionTime]: RawDeletion): Part[] {
  return [int64(timestamp), int32(localDeletionTime)];
}

function liveness({ live }: RawRow): Part[] {
  if (live === undefined) return [byte(0)];
  const [ts, ttl, expiration] = live;
  return ttl === undefined || expiration === undefined ? [byte(1), int64(ts)] : [byte(2), int64(ts), int32(ttl), int32(expiration)];
}

/** Simple columns first, then complex ones by name, each with its wipe before its cells. */
function columns(cells: readonly RawCell[], wipes: NonNullable<RawRow['cdel']>): Part[] {
  const name = (text: string): Part[] => bytes(Buffer.from(text).toString('hex'));
  const complex = [...new Set([...cells.filter((cell) => cell.p !== undefined), ...wipes].map(({ c }) => c))]
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return [
    ...cells.filter((cell) => cell.p === undefined).flatMap((cell) => [...name(cell.c), ...cellBody(cell)]),
    ...complex.flatMap((column) => [
      ...wipes.filter(({ c }) => c === column).flatMap(({ del }) => [...name(column), byte(3), ...deletion(del)]),
      ...cells.filter((cell) => cell.p !== undefined && cell.c === column).flatMap((cell) => [...name(column), ...cellBody(cell)]),
    ]),
  ];
}

function cellBody({ p, ts, ttl, ldt, x, v }: RawCell): Part[] {
  const kind = x === 1 ? 2 : ttl === undefined ? 0 : 1;
  return [
    byte(p === undefined ? kind : kind + 4),
    int64(ts),
    ...(kind === 1 ? [int32(ttl ?? 0)] : []),
    ...(kind === 0 ? [] : [int32(ldt ?? 0)]),
    ...(p === undefined ? [] : bytes(p)),
    ...bytes(v ?? ''),
  ];
}
