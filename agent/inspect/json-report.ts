/** `inspect --json`: the summary as one JSON object, written segment by segment. The shape is a contract, numbered by `format`. */
import type { CommitLogDescriptor } from '../../parsers/index.js';
import { int64ToString } from '../../parsers/io/int64.js';
import type { Output } from './output.js';
import { Report } from './report.js';
import type { SegmentSummary, TableSummary } from './segment-summary.js';
import { formatMillis } from './text.js';
import { COUNTED, type Counted } from './update-counts.js';

const FORMAT = 1;

export class JsonReport extends Report {
  readonly #out: Output;
  #isFirst = true;

  constructor(out: Output) {
    super();
    this.#out = out;
  }

  override endSegment(summary: SegmentSummary): void {
    this.#out.write(`${this.#isFirst ? `{"format":${FORMAT},"segments":[` : ','}\n${JSON.stringify(segmentJson(summary))}`);
    this.#isFirst = false;
  }

  override end(summaries: readonly SegmentSummary[], orphanIndexes: readonly string[]): void {
    if (this.#isFirst) this.#out.write(`{"format":${FORMAT},"segments":[`);
    const total = { segments: summaries.length, sections: 0, entries: 0, mutationBytes: 0, unknownTables: 0, damaged: 0 };
    for (const summary of summaries) {
      total.sections += summary.sections;
      total.entries += summary.entries;
      total.mutationBytes += summary.mutationBytes;
      for (const mutations of summary.unknownTables.values()) total.unknownTables += mutations;
      total.damaged += summary.damage.count;
    }
    this.#out.line(`\n],"orphanIndexes":${JSON.stringify(orphanIndexes)},"total":${JSON.stringify(total)}}`);
  }
}

function segmentJson(summary: SegmentSummary): Record<string, unknown> {
  const { input, tail, writeTimes, damage } = summary;
  return {
    file: input.name,
    path: input.path,
    bytes: summary.fileSize,
    ...descriptorJson(summary.descriptor),
    sections: summary.sections,
    entries: summary.entries,
    updates: summary.claimedUpdates,
    mutationBytes: summary.mutationBytes,
    tail: tail === undefined ? null : { offset: tail.offset, kind: tail.kind, bytes: tail.length },
    writeTime: writeTimes.isEmpty ? null : { min: int64ToString(writeTimes.minHigh, writeTimes.minLow), max: int64ToString(writeTimes.maxHigh, writeTimes.maxLow) },
    cdcIndex: indexJson(summary),
    tables: [...summary.tables.values()].map(tableJson),
    unknownTables: Object.fromEntries(summary.unknownTables),
    damage: { count: damage.count, groups: damage.groups.map(({ table, ...group }) => ({ ...group, table: table ?? null })) },
  };
}

function descriptorJson(descriptor: CommitLogDescriptor | undefined): Record<string, unknown> {
  if (descriptor === undefined) return { id: null, created: null, version: null, compression: null, encryption: null };
  const { id, version, compression, encryption } = descriptor;
  return {
    id: String(id),
    created: formatMillis(id).replace(' ', 'T'),
    version,
    compression,
    encryption: encryption === null ? null : { cipher: encryption.cipher, keyAlias: encryption.keyAlias },
  };
}

function indexJson({ index }: SegmentSummary): Record<string, unknown> | null {
  if (index === undefined) return null;
  return index === null ? { offset: null, completed: false } : { offset: index.offset, completed: index.completed };
}

function tableJson({ table, mutations, counts }: TableSummary): Record<string, unknown> {
  const numbers = Object.fromEntries(COUNTED.map((name): [Counted, number] => [name, counts[name]]));
  return { keyspace: table.keyspace, table: table.name, id: table.id, cdc: table.isCdc, mutations, ...numbers };
}
