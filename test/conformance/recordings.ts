/** What was recorded from real servers: test/fixtures/segments, unpacked on demand. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { projectRoot } from '../helpers/project-root.js';

const FIXTURES = join(projectRoot, 'test/fixtures/segments');
const ANSWER = 'oracle.ndjson.gz';

export interface RecordedDirectory {
  /** Path below the fixtures: the recording, or a copy inside it. */
  readonly name: string;
  readonly path: string;
  readonly schemaFile: string;
  /** Hex; null when the log is not encrypted. */
  readonly keyFile: string | null;
  readonly keystore: string | null;
}

/** Every directory that holds an answer of Cassandra's reader. */
export function recordedDirectories(): RecordedDirectory[] {
  if (!existsSync(FIXTURES)) return [];
  return readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(`/${ANSWER}`))
    .map((path) => directoryAt(join(FIXTURES, dirname(path))))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of what node: `5.0.6`. */
export function versionOf({ name }: RecordedDirectory): string {
  return name.slice(0, name.indexOf('-'));
}

/** Cassandra's lines. */
export function answerOf({ path }: RecordedDirectory): string[] {
  return gunzipSync(readFileSync(join(path, ANSWER))).toString('utf8').trimEnd().split('\n');
}

/** Segments and index files as they were on the node, in a directory of their own. */
export function unpacked<T>(recorded: RecordedDirectory, use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'cdc-recorded-'));
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(recorded.path)) {
    if (name.endsWith('.log.gz')) writeFileSync(join(directory, name.slice(0, -'.gz'.length)), gunzipSync(readFileSync(join(recorded.path, name))));
    if (name.endsWith('_cdc.idx')) cpSync(join(recorded.path, name), join(directory, name));
  }
  return use(directory).finally(() => rmSync(directory, { recursive: true, force: true }));
}

function directoryAt(path: string): RecordedDirectory {
  const find = (name: string): string | null => {
    for (let at = path; at !== dirname(FIXTURES); at = dirname(at)) {
      if (existsSync(join(at, name))) return join(at, name);
    }
    return null;
  };
  const schemaFile = find('schema.json');
  if (schemaFile === null) throw new Error(`${path} has no schema.json`);
  return { name: relative(FIXTURES, path), path, schemaFile, keyFile: find('key.hex'), keystore: find('keystore.jceks') };
}
