/** `inspect` for people: what each segment is, what it holds, and what is wrong with it, at 80 columns. */
import type { CommitLogDescriptor } from '../../parsers/index.js';
import { damageLines, everyChecksumHolds } from './damage-text.js';
import type { Output } from './output.js';
import { Report } from './report.js';
import type { SegmentSummary, TableSummary } from './segment-summary.js';
import { count, counted, formatMicros, formatMillis, identifier, printable, wrap } from './text.js';
import { deletionsOf } from './update-counts.js';

const TABLE_WIDTH = 40;
const NUMBER_WIDTH = 10;

/** Which Cassandra writes a descriptor version. */
export const WRITERS: Readonly<Record<number, string>> = {
  6: 'Cassandra 3.x',
  7: 'Cassandra 4.0, 4.1, and 5.0 in compatibility mode CASSANDRA_4',
  8: 'Cassandra 5.0 with storage_compatibility_mode NONE',
};

export class SummaryReport extends Report {
  readonly #out: Output;
  readonly #hasSchema: boolean;

  constructor(out: Output, hasSchema: boolean) {
    super();
    this.#out = out;
    this.#hasSchema = hasSchema;
  }

  override endSegment(summary: SegmentSummary): void {
    const { descriptor, damage } = summary;
    this.#out.line(printable(summary.input.name));
    if (descriptor !== undefined) this.#describe(summary, descriptor);
    else this.#field('file', `${counted(summary.fileSize, 'byte')}; no readable header`);
    this.#field('cdc index', indexText(summary));
    this.#tables(summary);
    this.#unknownTables(summary);
    if (damage.count > 0) {
      this.#field('damaged', counted(damage.count, 'place'));
      for (const line of damageLines(damage.groups)) this.#out.line(line);
    }
    this.#out.line('');
  }

  override end(summaries: readonly SegmentSummary[], orphanIndexes: readonly string[]): void {
    const total = (of: (summary: SegmentSummary) => number): number => summaries.reduce((sum, summary) => sum + of(summary), 0);
    for (const path of orphanIndexes) this.#out.line(`${printable(path)}: an index without its segment`);
    const damaged = total((summary) => summary.damage.count);
    const unknown = total((summary) => [...summary.unknownTables.values()].reduce((sum, each) => sum + each, 0));
    const parts = [counted(summaries.length, 'segment'), counted(total((summary) => summary.entries), 'entry', 'entries'), `${count(total((summary) => summary.mutationBytes))} bytes of mutations`];
    if (unknown > 0 && this.#hasSchema) parts.push(`${count(unknown)} of unknown tables`);
    parts.push(damaged === 0 ? 'nothing damaged' : counted(damaged, 'damaged place'));
    this.#out.line(wrap(parts.join(', '), ''));
    if (!this.#hasSchema && unknown > 0) this.#out.line('Without --schema only ids and the first table of each mutation can be seen.');
  }

  #describe(summary: SegmentSummary, descriptor: CommitLogDescriptor): void {
    const { tail } = summary;
    this.#field('version', `${descriptor.version}: ${WRITERS[descriptor.version]}`);
    this.#field('id', `${descriptor.id}, made ${formatMillis(descriptor.id)}`);
    this.#field('file', `${counted(summary.fileSize, 'byte')}, ${storageText(descriptor)}`);
    const checksums = everyChecksumHolds(summary) ? 'every checksum holds' : 'some is damaged';
    this.#field('sections', `${count(summary.sections)}, ${checksums}`);
    if (tail !== undefined) this.#field('end', tail.kind === 'none' ? `at ${count(tail.offset)}, the end of the file` : `at ${count(tail.offset)}; behind it ${tail.kind === 'zeros' ? `${count(tail.length)} bytes of zeros` : `${count(tail.length)} bytes that no sync marker vouches for`}`);
    this.#field('entries', summary.entries === 0 ? 'none' : `${count(summary.entries)}, ${counted(summary.claimedUpdates, 'table update')}, ${count(summary.mutationBytes)} bytes of mutations`);
    const { writeTimes } = summary;
    if (!writeTimes.isEmpty) this.#field('written', `${formatMicros(writeTimes.minHigh, writeTimes.minLow)} to ${formatMicros(writeTimes.maxHigh, writeTimes.maxLow)}`);
  }

  #tables({ tables }: SegmentSummary): void {
    if (tables.size === 0) return;
    this.#row('table', ['mutations', 'rows', 'cells', 'deletions']);
    const byName = [...tables.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    for (const summary of byName) {
      const { counts } = summary;
      const name = `${nameOf(summary)}${summary.table.isCdc ? ' (cdc)' : ''}`;
      this.#row(name, [summary.mutations, counts.rows + counts.staticRows, counts.cells, deletionsOf(counts)].map(count));
    }
  }

  #unknownTables({ unknownTables }: SegmentSummary): void {
    if (unknownTables.size === 0) return;
    this.#row(this.#hasSchema ? 'unknown table, not in the schema' : 'first table of the mutation', ['mutations']);
    for (const [id, mutations] of [...unknownTables].sort((a, b) => b[1] - a[1])) this.#row(id, [count(mutations)]);
  }

  #field(name: string, value: string): void {
    this.#out.line(wrap(`  ${name.padEnd(10)}${value}`, ' '.repeat(12)));
  }

  #row(name: string, columns: readonly string[]): void {
    const numbers = columns.map((column) => column.padStart(NUMBER_WIDTH)).join('');
    const isLong = name.length > TABLE_WIDTH - 2;
    if (isLong) this.#out.line(`  ${name}`);
    this.#out.line(`${(isLong ? '' : `  ${name}`).padEnd(TABLE_WIDTH)}${numbers.trimEnd()}`);
  }
}

function nameOf({ table }: TableSummary): string {
  return `${identifier(table.keyspace)}.${identifier(table.name)}`;
}

function storageText({ compression, encryption }: CommitLogDescriptor): string {
  if (encryption !== null) return `encrypted with ${printable(encryption.cipher)}, key alias ${printable(encryption.keyAlias)}`;
  return compression === null ? 'not compressed, not encrypted' : `compressed with ${printable(compression)}`;
}

function indexText({ index }: SegmentSummary): string {
  if (index === undefined) return 'none';
  if (index === null) return 'empty or not readable';
  return `${count(index.offset)}, ${index.completed ? 'completed' : 'not completed'}`;
}
