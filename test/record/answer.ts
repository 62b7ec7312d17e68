/** The answer of Cassandra's own reader on recorded segments. */
import { join } from 'node:path';
import { commitLogDump } from '../oracle/commitlog-dump.js';
import type { CassandraVersion } from '../lab/index.js';

export interface AnswerOptions {
  readonly version: CassandraVersion;
  /** Data directory of the node that wrote, at rest; or the rows of its system_schema. */
  readonly schema: { readonly data: string } | { readonly file: string };
  readonly keystore?: string | undefined;
}

export interface SegmentFile {
  readonly directory: string;
  readonly name: string;
}

/** Lines of the raw contract. */
export async function answerOf(segments: readonly SegmentFile[], { version, schema, keystore }: AnswerOptions): Promise<string[]> {
  const lines: string[] = [];
  const paths = segments.map(({ directory, name }) => join(directory, name));
  const encryption = keystore === undefined ? {} : { keystore: { file: keystore } };
  for await (const line of commitLogDump({ version, segments: paths, schema, ...encryption })) lines.push(line);
  return lines;
}

/** Names of the segments in which something stands: an entry, or a damaged place. */
export function segmentsWithContent(answer: readonly string[]): Set<string> {
  return new Set(answer.map((line) => (JSON.parse(line) as { seg?: string }).seg).filter((name) => name !== undefined));
}

/** Names of the tables with updates, as keyspace.table. */
export function tablesWithContent(answer: readonly string[]): Set<string> {
  const updates = answer.flatMap((line) => (JSON.parse(line) as { u?: { ks: string; tbl: string }[] }).u ?? []);
  return new Set(updates.map(({ ks, tbl }) => `${ks}.${tbl}`));
}
