/** The end of the bootstrap in recorded logs, where Cassandra's own reader shows it. */
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { findJoinEnd } from '../../../agent/pipeline/join-scan.js';
import { Schema, schemaFromRows, type SystemSchemaRows } from '../../../parsers/index.js';
import { projectRoot } from '../../helpers/project-root.js';

const FIXTURES = join(projectRoot, 'test/fixtures/segments');
const COMPLETED = Buffer.from('COMPLETED').toString('hex');

interface OracleLine {
  readonly k: string;
  readonly segId: string;
  readonly end: number;
  readonly u?: readonly { readonly ks: string; readonly tbl: string; readonly items: readonly { readonly cells?: readonly { readonly c: string; readonly ts: string; readonly v?: string }[] }[] }[];
}

/** As CommitLogReader sees it: position and ms of the write. */
function joinOf(directory: string): { readonly segment: number; readonly position: number; readonly atMs: number } {
  for (const line of gunzipSync(readFileSync(join(directory, 'oracle.ndjson.gz'))).toString().split('\n')) {
    if (!line.includes(COMPLETED)) continue;
    const { segId, end, u = [] } = JSON.parse(line) as OracleLine;
    for (const { ks, tbl, items } of u) {
      const cell = items.flatMap(({ cells = [] }) => cells).find(({ c, v }) => c === 'bootstrapped' && v === COMPLETED);
      if (ks === 'system' && tbl === 'local' && cell !== undefined) return { segment: Number(segId), position: end, atMs: Number(BigInt(cell.ts) / 1000n) };
    }
  }
  throw new Error(`${directory}: the node never joined`);
}

describe('the end of the bootstrap in the log', () => {
  let scratch = '';
  beforeEach(() => { scratch = mkdtempSync(join(tmpdir(), 'cdc-join-')); });
  afterEach(() => rmSync(scratch, { recursive: true }));

  for (const name of ['4.0.15-mmap', '4.1.8-mmap', '5.0.6-mmap', '5.0.6-mmap-v8', '5.0.6-lz4']) {
    it(`is found in ${name}, and where the node was started again since, not`, async () => {
      const directory = join(FIXTURES, name);
      for (const file of readdirSync(directory).filter((one) => one.endsWith('.log.gz'))) writeFileSync(join(scratch, file.slice(0, -3)), gunzipSync(readFileSync(join(directory, file))));
      const schema = new Schema(schemaFromRows(JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8')) as SystemSchemaRows));
      const { segment, position, atMs: joinedAtMs } = joinOf(directory);
      const options = { directories: [scratch], schema, joinedAtMs };
      expect(await findJoinEnd(options)).to.deep.equal({ segment, position });
      expect(await findJoinEnd({ ...options, joinedAtMs: joinedAtMs + 1 }), 'another write').to.equal(null);
      const [first] = readdirSync(scratch);
      copyFileSync(join(scratch, first), join(scratch, first.replace(/-\d+\.log/, `-${joinedAtMs}.log`)));
      expect(await findJoinEnd(options), 'a later process').to.equal(null);
    });
  }
});
