/** The bench's segments, made once by Cassandra's own serializers and kept in the cache. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../helpers/project-root.js';
import { cacheDirectory } from '../lab/cache.js';
import type { CassandraVersion } from '../lab/versions.js';
import { runJava } from '../oracle/java.js';

export const MODES = ['plain', 'LZ4', 'Snappy', 'Deflate', 'Zstd'] as const;
export type Mode = (typeof MODES)[number];

export const schemaPath = join(projectRoot, 'test/bench/schema.json');

/** Bytes of an entry, on the low side: the data is never smaller than asked for. */
const ENTRY_BYTES = 200;
/** About what a node at full speed writes in 100 ms. Compressed logs are written by whole buffers at such a rate. */
const PLAIN_SECTION = 3 << 19;
const WHOLE_SEGMENT = 1 << 30;

/** Directories with at least `mib` MiB of entries, one per mode; the same entries in each. */
export async function benchData(version: CassandraVersion, mib: number, modes: readonly Mode[]): Promise<ReadonlyMap<Mode, string>> {
  const hash = createHash('sha256').update(version).update(String(mib));
  for (const path of ['bench/schema.json', 'oracle/java/BenchRows.java', 'oracle/java/SegmentLog.java']) hash.update(await readFile(join(projectRoot, 'test', path)));
  const root = join(cacheDirectory(), 'bench', hash.digest('hex').slice(0, 12));
  const directories = new Map<Mode, string>();
  for (const mode of modes) {
    directories.set(mode, join(root, mode));
    if (!existsSync(join(root, mode, '.complete'))) await make({ version, mode, directory: join(root, mode), mib });
  }
  return directories;
}

async function make({ version, mode, directory, mib }: { version: CassandraVersion; mode: Mode; directory: string; mib: number }): Promise<void> {
  console.error(`making ${mib} MiB of rows, ${mode} (once)`);
  const partial = `${directory}.${process.pid}`;
  await rm(directory, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  const rows = Math.ceil(mib * 1048576 / ENTRY_BYTES);
  const section = mode === 'plain' ? PLAIN_SECTION : WHOLE_SEGMENT;
  await runJava({
    version,
    main: 'SegmentWriter',
    args: ['--out', partial, '--schema', schemaPath, '--modes', mode, '--rows', String(rows), '--section-bytes', String(section)],
  });
  await writeFile(join(partial, '.complete'), '');
  await rename(partial, directory);
}
