/**
 * A commit log of Cassandra 3.x, version 6, without a Cassandra 3: the mutations of a recorded 4.0 log, serialized again by
 * 4.0's own serializers as it spoke to 3.x nodes, and what its own reader says of them.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { CassandraVersion } from '../lab/versions.js';
import { commitLogDump } from './commitlog-dump.js';
import { runJava } from './java.js';

const SEGMENT_BYTES = 1 << 20;
/** A section per few hundred small mutations. */
const SECTION_BYTES = 1 << 16;
/** Segments get new ids: 2016, when 3.x was new. */
const FIRST_ID = 1_460_000_000_000;

export interface OldFormatOptions {
  readonly version: Extract<CassandraVersion, `4.${string}`>;
  /** A recording: `*.log.gz` and schema.json. */
  readonly from: string;
  /** The same files are written here, with the answer in oracle.ndjson.gz. */
  readonly to: string;
}

export async function makeOldFormat({ version, from, to }: OldFormatOptions): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'cdc-old-format-'));
  try {
    const read = await unpack(from, join(scratch, 'read'));
    const written = join(scratch, 'written');
    const schema = join(from, 'schema.json');
    await runJava({
      version,
      main: 'SegmentWriter',
      args: ['--out', written, '--schema', schema, '--descriptor', '6', '--first-id', String(FIRST_ID),
        '--segment-bytes', String(SEGMENT_BYTES), '--section-bytes', String(SECTION_BYTES), ...read],
    });
    await keep({ written, schema, version, to });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Paths of the unpacked segments, in order. */
async function unpack(from: string, to: string): Promise<string[]> {
  await mkdir(to, { recursive: true });
  const names = (await readdir(from)).filter((name) => name.endsWith('.log.gz')).sort();
  for (const name of names) await writeFile(join(to, name.slice(0, -'.gz'.length)), gunzipSync(await readFile(join(from, name))));
  return names.map((name) => join(to, name.slice(0, -'.gz'.length)));
}

async function keep({ written, schema, version, to }: { written: string; schema: string; version: CassandraVersion; to: string }): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const names = (await readdir(written)).sort();
  for (const name of names) await writeCompressed(join(to, name), await readFile(join(written, name)));
  await writeFile(join(to, 'schema.json'), await readFile(schema));
  let answer = '';
  for await (const line of commitLogDump({ version, segments: names.map((name) => join(written, name)), schema: { file: schema } })) answer += `${line}\n`;
  await writeCompressed(join(to, 'oracle.ndjson'), answer);
  await writeFile(join(to, 'recording.json'), `${JSON.stringify({ version, mode: 'plain, written again as version 6', segment_size_mib: SEGMENT_BYTES / 2 ** 20 }, null, 2)}\n`);
}

async function writeCompressed(path: string, bytes: Buffer | string): Promise<void> {
  await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
