/** The recorded answers are Cassandra's: its reader asked again, on recorded segments and on damaged copies of them. */
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runCliLines } from '../helpers/run-cli.js';
import type { CassandraVersion } from '../lab/versions.js';
import { commitLogDump, type CommitLogDumpOptions } from '../oracle/commitlog-dump.js';
import { damagedCopies, sectionsOf } from './damage.js';
import { LineComparison } from './raw-lines.js';
import { answerOf, recordedDirectories, unpacked, versionOf, type RecordedDirectory } from './recordings.js';

/** A recording of each kind that there is; each JVM takes some seconds. */
const ASKED_AGAIN = ['5.0.6-mmap', '5.0.6-encrypted', '4.1.8-lz4', '4.0.15-zstd'];
const DAMAGED = ['5.0.6-mmap', '5.0.6-lz4', '4.0.15-mmap'];

describe('conformance: Cassandra\'s reader asked again', function () {
  this.timeout(300_000);
  const recordings = recordedDirectories();
  const named = (names: readonly string[]): RecordedDirectory[] => names.flatMap((name) => recordings.filter((each) => each.name === name));

  for (const recorded of named(ASKED_AGAIN)) {
    it(`gives the recorded lines on ${recorded.name}`, () => unpacked(recorded, async (directory) => {
      const comparison = new LineComparison(answerOf(recorded));
      for (const line of await cassandrasLines(recorded, segmentsIn(directory))) comparison.take(line);
      comparison.end();
      expect(comparison.differences.join('\n')).to.equal('');
    }));
  }

  for (const recorded of named(DAMAGED)) {
    it(`finds the same damage in copies of ${recorded.name}, and reads on at the same places`, () => unpacked(recorded, async (directory) => {
      const [most] = segmentsIn(directory).map((path) => ({ path, sections: sectionsOf(readFileSync(path)).length })).sort((a, b) => b.sections - a.sections);
      await comparedOnCopies(recorded, basename(most.path), damagedCopies(readFileSync(most.path)));
    }));
  }
});

async function comparedOnCopies(recorded: RecordedDirectory, name: string, copies: ReturnType<typeof damagedCopies>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'cdc-damaged-'));
  try {
    const paths = copies.map(({ name: kind, bytes }, i) => {
      const directory = join(root, `${String(i).padStart(2, '0')}-${kind}`);
      mkdirSync(directory);
      writeFileSync(join(directory, name), bytes);
      return join(directory, name);
    });
    const comparison = new LineComparison(await cassandrasLines(recorded, paths));
    const key = recorded.keyFile === null ? [] : ['--key-file', recorded.keyFile];
    const { code } = await runCliLines(['inspect', '--dump', '--schema', recorded.schemaFile, ...key, ...paths], (line) => comparison.take(line));
    comparison.end();
    expect(comparison.differences.join('\n')).to.equal('');
    expect(code).to.equal(1);
    expect(comparison.totals.damaged).to.be.at.least(copies.length - 2);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function cassandrasLines({ name, schemaFile, keystore }: RecordedDirectory, segments: readonly string[]): Promise<string[]> {
  const options: CommitLogDumpOptions = {
    version: versionOf({ name } as RecordedDirectory) as CassandraVersion,
    segments,
    schema: { file: schemaFile },
    onlySchemaTables: true,
    ...(keystore === null ? {} : { keystore: { file: keystore } }),
  };
  const lines: string[] = [];
  for await (const line of commitLogDump(options)) lines.push(line);
  return lines;
}

function segmentsIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith('.log')).map((name) => join(directory, name)).sort();
}
