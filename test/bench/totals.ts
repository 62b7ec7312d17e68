/** What one pass over the data found: both readers must find the same. */

export interface Totals {
  /** Bytes of all entries: sizes, checksums and serialized mutations, in the clear. */
  readonly bytes: number;
  readonly mutations: number;
  readonly rows: number;
  readonly cells: number;
  readonly valueBytes: number;
  /** Order-sensitive, over lengths and end bytes of all keys and values, modulo 2^32. */
  readonly checksum: number;
}

export interface Pass extends Totals {
  readonly seconds: number;
  /** Processor time of the whole process meanwhile: on a busy machine it says more than the clock. */
  readonly cpuSeconds: number;
}

/** Throws when two passes over the same data did not find the same: they would not have done equal work. */
export function requireEqual(mode: string, a: Totals, b: Totals): void {
  for (const name of ['bytes', 'mutations', 'rows', 'cells', 'valueBytes', 'checksum'] as const) {
    if (a[name] !== b[name]) throw new Error(`${mode}: ${name} differ, ${a[name]} and ${b[name]}: the readers did not read the same`);
  }
}
