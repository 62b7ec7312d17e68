/**
 * Two readers' lines of the raw contract side by side. Equal means equal text, but for damaged places: their message is the
 * reader's own, and so are the finer kinds of damage.
 */
const KINDS: Readonly<Record<string, string>> = {
  // Behind good checksums Cassandra has one reason for everything.
  unknown_column: 'mutation_malformed',
  value_invalid: 'mutation_malformed',
  // In plain segments it reads an entry's size, and the CRC of it, beyond the end of the section.
  entry_size_crc: 'entry_size',
  entry_truncated: 'entry_size',
  // A header is one thing to it.
  descriptor_crc: 'descriptor',
  descriptor_version: 'descriptor',
  descriptor_not_a_segment: 'descriptor',
  descriptor_truncated: 'descriptor',
};

/** What must be equal of a line. */
export function comparable(line: string): string {
  if (!line.startsWith('{"k":"e"')) return line;
  const damage = JSON.parse(line) as { code: string; message: string };
  return JSON.stringify({ ...damage, code: KINDS[damage.code] ?? damage.code, message: '' });
}

export interface Totals {
  lines: number;
  mutations: number;
  unknown: number;
  damaged: number;
  updates: number;
  rows: number;
  cells: number;
  markers: number;
  deletions: number;
}

interface ParsedRow {
  readonly t: 'row' | 'rt';
  readonly del?: unknown;
  readonly cells?: readonly { readonly x?: 1 }[];
  readonly cdel?: readonly unknown[];
}

interface ParsedLine {
  readonly k: string;
  readonly u?: readonly { readonly del?: unknown; readonly static?: ParsedRow; readonly items?: readonly ParsedRow[] }[];
}

/** Compares line by line, without holding either side, and counts what was compared. */
export class LineComparison {
  readonly totals: Totals = { lines: 0, mutations: 0, unknown: 0, damaged: 0, updates: 0, rows: 0, cells: 0, markers: 0, deletions: 0 };
  /** The first differences; all are counted. */
  readonly differences: string[] = [];
  differenceCount = 0;
  readonly #expected: Iterator<string>;

  /** `expected` are the lines of Cassandra's reader. */
  constructor(expected: Iterable<string>) {
    this.#expected = expected[Symbol.iterator]();
  }

  take(line: string): void {
    const next = this.#expected.next();
    if (next.done === true) this.#differ(`a line too many: ${line.slice(0, 300)}`);
    else this.#compare(line, next.value);
  }

  /** After the last line. */
  end(): void {
    for (const line of { [Symbol.iterator]: () => this.#expected }) this.#differ(`a line is missing: ${line.slice(0, 300)}`);
  }

  #compare(line: string, expected: string): void {
    this.#count(JSON.parse(expected) as ParsedLine);
    const [ours, cassandras] = [comparable(line), comparable(expected)];
    if (ours === cassandras) return;
    let at = 0;
    while (ours[at] === cassandras[at]) at++;
    const from = Math.max(0, at - 60);
    this.#differ(`line ${this.totals.lines} (${cassandras.slice(0, 90)}…) at ${at}:\n  ours      …${ours.slice(from, at + 120)}\n  Cassandra …${cassandras.slice(from, at + 120)}`);
  }

  #differ(text: string): void {
    this.differenceCount++;
    if (this.differences.length < 5) this.differences.push(text);
  }

  #count({ k, u = [] }: ParsedLine): void {
    const { totals } = this;
    totals.lines++;
    if (k === 'm') totals.mutations++;
    if (k === 'u') totals.unknown++;
    if (k === 'e') totals.damaged++;
    for (const update of u) {
      totals.updates++;
      if (update.del !== undefined) totals.deletions++;
      for (const row of [...(update.static === undefined ? [] : [update.static]), ...(update.items ?? [])]) this.#countRow(row);
    }
  }

  #countRow({ t, del, cells = [], cdel = [] }: ParsedRow): void {
    const { totals } = this;
    if (t === 'rt') {
      totals.markers++;
      return;
    }
    totals.rows++;
    totals.cells += cells.length;
    totals.deletions += (del === undefined ? 0 : 1) + cdel.length + cells.filter(({ x }) => x === 1).length;
  }
}
