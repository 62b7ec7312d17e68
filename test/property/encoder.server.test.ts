/**
 * The independent encoder against Cassandra's own reader: what it writes is read by CommitLogReader, with equal content.
 * This is what makes the property tests worth something.
 */
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CassandraVersion } from '../lab/versions.js';
import { commitLogDump } from '../oracle/commitlog-dump.js';
import { KEY_ALIAS, makeKeystore } from '../record/encryption.js';
import { isEmptyUpdate } from '../helpers/model.js';
import { expectedUpdates, randomSegment, SEGMENT_MODES } from '../helpers/model-segment.js';
import type { ModelSegment, SegmentMode } from '../helpers/model-segment.js';
import { runSeed } from '../helpers/random.js';
import { canonicalUpdate } from '../helpers/raw-contract.js';
import type { ReaderView } from '../helpers/raw-contract.js';
import { schemaRows } from '../helpers/schema-rows.js';

const MUTATIONS = 400;
const seed = runSeed(20_261_122);

interface Reader {
  readonly version: CassandraVersion;
  readonly view: ReaderView;
  readonly modes: readonly string[];
}

const READERS: readonly Reader[] = [
  {
    version: '5.0.6',
    view: 'v8-by-5',
    modes: ['v8 plain', 'v8 LZ4', 'v8 Snappy', 'v8 Deflate', 'v8 Zstd', 'v8 encrypted'],
  },
  { version: '5.0.6', view: 'v7-by-5', modes: ['v7 plain', 'v7 LZ4', 'v7 Snappy', 'v7 Deflate', 'v7 Zstd', 'v7 encrypted', 'v6 plain'] },
  { version: '4.1.8', view: 'v7-by-4', modes: ['v7 plain', 'v7 LZ4'] },
  { version: '4.0.15', view: 'v7-by-4', modes: ['v7 plain', 'v7 LZ4', 'v7 Snappy', 'v7 Deflate', 'v7 Zstd', 'v7 encrypted', 'v6 plain'] },
];

interface DumpLine {
  readonly k: string;
  readonly end: number;
  readonly size: number;
  readonly h: string;
  readonly u?: readonly unknown[];
  readonly code?: string;
  readonly message?: string;
}

/** An encrypted mode with the key of the keystore that the oracle is given. */
function withKey(mode: SegmentMode, key: Buffer): SegmentMode {
  return mode.encryption === undefined ? mode : { ...mode, encryption: { ...mode.encryption, key, keyAlias: KEY_ALIAS } };
}

async function dump(reader: Reader, segments: readonly ModelSegment[], directory: string): Promise<DumpLine[]> {
  const schemaFile = join(directory, 'schema.json');
  writeFileSync(schemaFile, JSON.stringify(schemaRows(segments[0].schema)));
  const files = segments.map((segment) => {
    const file = join(directory, segment.writer.fileName);
    writeFileSync(file, segment.file);
    return file;
  });
  const lines: DumpLine[] = [];
  const keystore = { file: join(directory, 'keystore.jceks') };
  for await (const line of commitLogDump({ version: reader.version, segments: files, schema: { file: schemaFile }, onlySchemaTables: true, keystore })) {
    lines.push(JSON.parse(line) as DumpLine);
  }
  return lines;
}

function compare(segment: ModelSegment, lines: readonly DumpLine[], view: ReaderView): void {
  segment.entries.forEach((entry, i) => {
    const { k, end, size, h, u, message } = lines[i];
    expect({ k, end, size, h }, message).to.deep.equal({ k: 'm', end: entry.end, size: entry.size, h: entry.hash });
    expect((u ?? []).map(canonicalUpdate)).to.deep.equal(expectedUpdates(entry, view).map(canonicalUpdate));
  });
}

describe(`Cassandra reads what the independent encoder writes (seed ${seed})`, function () {
  this.timeout(300_000);

  for (const reader of READERS) {
    it(`${reader.version}: ${reader.modes.join(', ')}`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'cdc-encoder-'));
      try {
        await makeKeystore(directory, 256);
        const key = Buffer.from(readFileSync(join(directory, 'key.hex'), 'utf8').trim(), 'hex');
        const modes = reader.modes.map((name) => withKey(SEGMENT_MODES.find((mode) => mode.name === name) as SegmentMode, key));
        // One schema for all segments: the seed decides it before anything else; ids differ by the mode's place.
        const segments = modes.map((mode, i) => randomSegment({ seed, mode, tables: 25, mutations: MUTATIONS, forServer: true, vectors: reader.version === '5.0.6', id: 1000n + BigInt(i), mutationSeed: seed + i, padding: 4096 }));
        const lines = await dump(reader, segments, directory);
        const total = segments.reduce((sum, segment) => sum + segment.entries.length, 0);
        expect(lines.filter((line) => line.k === 'e')).to.deep.equal([]);
        expect(lines.length, 'lines').to.equal(total + 1);
        const inOrder = [...segments].sort((a, b) => Number(a.writer.options.id - b.writer.options.id));
        let at = 0;
        for (const segment of inOrder) {
          compare(segment, lines.slice(at, at + segment.entries.length), reader.view);
          at += segment.entries.length;
        }
        expect(segments.some((segment) => segment.entries.some(({ model }) => model.updates.some(isEmptyUpdate)))).to.equal(true);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  }
});
