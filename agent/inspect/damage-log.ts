/** Damaged places of a segment, grouped: a wrong schema gives thousands that say the same. */
import { CORRUPT_CODES, type CorruptCode } from '../../parsers/index.js';
import type { Damage } from './segment-walk.js';

/** Places kept per group: damage of the file is listed in full, what a wrong schema or key gives by its first places. */
const PLACES_OF_DAMAGE = 10_000;
const PLACES_OF_MISFIT = 5;
/** The bytes are whole, but they don't fit what was given to read them with. */
const MISFITS: ReadonlySet<CorruptCode> = new Set(['mutation_malformed', 'unknown_column', 'value_invalid', 'encryption_key_missing', 'encryption_key_wrong', 'section_decrypt']);

export interface DamagedPlace {
  readonly position: number;
  readonly end: number;
  readonly size: number;
  readonly message: string;
}

export interface DamageGroup {
  readonly code: CorruptCode;
  /** Keyspace and name of the table that did not fit, where one is known. */
  readonly table: string | undefined;
  readonly fix: string;
  count: number;
  /** The first of them, in order. */
  readonly places: DamagedPlace[];
}

export class DamageLog {
  count = 0;
  readonly groups: DamageGroup[] = [];

  add({ error, position, end, size }: Damage, table: string | undefined): void {
    this.count++;
    let group = this.groups.find((each) => each.code === error.code && each.table === table);
    if (group === undefined) this.groups.push((group = { code: error.code, table, fix: CORRUPT_CODES[error.code], count: 0, places: [] }));
    group.count++;
    const most = MISFITS.has(error.code) ? PLACES_OF_MISFIT : PLACES_OF_DAMAGE;
    if (group.places.length < most) group.places.push({ position, end, size, message: error.message });
  }
}
