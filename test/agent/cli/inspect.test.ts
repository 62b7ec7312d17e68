import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { inDirectory } from '../inspect/harness.js';
import { SEGMENT_ID, SHOP, shopSegment } from '../inspect/shop.js';
import { agentCommand, runCli } from '../../helpers/run-cli.js';
import { schemaRows } from '../../helpers/schema-rows.js';

const NAME = `CommitLog-7-${SEGMENT_ID}.log`;
const encryption = { key: Buffer.alloc(16, 1), iv: Buffer.alloc(16, 2), keyAlias: 'k:1', chunkLength: 4096 };
const FILES = { [NAME]: shopSegment().image(), 'schema.json': JSON.stringify(schemaRows(SHOP)) };
const rows = schemaRows(SHOP);

/** What a person gets wrong, and what they are told: exit code, and the one line with its fix. */
const MISTAKES: readonly { readonly name: string; readonly args: readonly string[]; readonly code: number; readonly says: RegExp; readonly files?: Record<string, Buffer | string> }[] = [
  { name: 'a directory that isn\'t there', args: ['nowhere'], code: 74, says: /^error: \S*nowhere does not exist\nfix: {3}check the path\ncode: {2}read_failed\n$/ },
  { name: 'a directory without segments', args: ['.'], code: 74, says: /^error: \S+ holds no commit-log segment\nfix: {3}name cdc_raw.*\ncode: {2}no_segments\n$/, files: { 'notes.txt': 'x' } },
  { name: 'a file that is no segment', args: ['--dump', 'schema.json'], code: 1, says: /^damaged: schema\.json at 0: the file does not begin with a commit-log version \(descriptor_not_a_segment\)\nfix: .*\n$/ },
  { name: 'an empty file', args: ['--dump', 'empty'], code: 1, says: /^damaged: empty at 0: the file ends after 0 bytes, inside its header \(descriptor_truncated\)\nfix: .*\n$/, files: { empty: '' } },
  { name: 'a truncated segment', args: ['--dump', NAME], code: 1, says: /^damaged: .* points to \d+, outside the file's 700 bytes \(marker_position\)\nfix: .*\n$/, files: { [NAME]: shopSegment().image().subarray(0, 700) } },
  { name: 'a later version', args: ['--dump', NAME], code: 1, says: /\(descriptor_version\)\nfix: .*\n$/, files: { [NAME]: laterVersion() } },
  { name: 'a schema that is not JSON', args: ['--schema', NAME, NAME], code: 64, says: /^error: \S+ is not JSON: .*\nfix: {3}write one with `cassandra-cdc-agent schema dump`\ncode: {2}schema_file\n$/ },
  { name: 'a schema of another shape', args: ['--schema', 'other.json', NAME], code: 64, says: /^error: \S+other\.json is no schema: it has no "columns".*\nfix: .*\ncode: {2}schema_file\n$/, files: { ...FILES, 'other.json': '{"tables":[]}' } },
  { name: 'a schema that does not hold together', args: ['--schema', 'other.json', NAME], code: 64, says: /^error: .*no partition key column.*\nfix: .*\ncode: {2}schema_file\n$/, files: { ...FILES, 'other.json': JSON.stringify({ ...rows, columns: [] }) } },
  { name: 'a schema of another time', args: ['--dump', '--schema', 'other.json', NAME], code: 1, says: /^damaged: .*shop\.orders has no column "status" in this schema.*\(unknown_column\) \(4 places\)\nfix: .*\n$/, files: { ...FILES, 'other.json': JSON.stringify({ ...rows, columns: rows.columns.filter((row) => row['column_name'] !== 'status') }) } },
  { name: 'a schema file that isn\'t there', args: ['--schema', 'no.json', NAME], code: 74, says: /^error: \S+no\.json does not exist\nfix: .*\ncode: {2}read_failed\n$/ },
  { name: 'no key', args: ['--dump', NAME], code: 1, says: /^damaged: .* encrypted with the key of alias k:1 \(encryption_key_missing\)\nfix: .*--key-file.*\n$/, files: { [NAME]: shopSegment({ encryption }).image() } },
  { name: 'a wrong key', args: ['--dump', '--key-file', 'key', NAME], code: 1, says: /^damaged: .* does not decrypt with the key given for alias k:1 \(encryption_key_wrong\).*\nfix: .*\n$/, files: { [NAME]: shopSegment({ encryption }).image(), key: Buffer.alloc(16, 9).toString('base64') } },
  { name: 'a key of another length', args: ['--key-file', 'key', NAME], code: 64, says: /^error: \S+key holds no AES key: 16, 24 or 32 bytes as hex or base64 were expected\nfix: .*\ncode: {2}key_file\n$/, files: { ...FILES, key: 'abcd' } },
  { name: 'two ways of showing', args: ['--dump', '--rows', NAME], code: 64, says: /^error: of --rows, --json and --dump only one can be given\nfix: .*\ncode: {2}options\n$/ },
  { name: 'nothing named', args: [], code: 64, says: /missing required argument 'path'/ },
];

function laterVersion(): Buffer {
  return Buffer.from(shopSegment({ version: 9 as 8 }).image());
}

describe('cli: inspect', function () {
  this.timeout(60_000);

  for (const { name, args, code, says, files = FILES } of MISTAKES) {
    it(`with ${name}: exit ${code} and what to do`, () => inDirectory(files, async (cwd) => {
      const run = await runCli(['inspect', ...args], { cwd });
      expect(run.stderr).to.match(says);
      expect(run.code).to.equal(code);
    }));
  }

  it('reads a directory with a schema, exit 0', () => inDirectory(FILES, async (cwd) => {
    const run = await runCli(['inspect', '--schema', 'schema.json', '.'], { cwd });
    expect(run).to.include({ code: 0, stderr: '' });
    expect(run.stdout).to.contain('shop.orders (cdc)').and.to.contain('nothing\ndamaged\n');
  }));

  it('takes the key as hex or base64', () => inDirectory({ [NAME]: shopSegment({ encryption }).image(), hex: `${encryption.key.toString('hex')}\n`, base64: encryption.key.toString('base64') }, async (cwd) => {
    for (const key of ['hex', 'base64']) {
      const run = await runCli(['inspect', '--dump', '--key-file', key, NAME], { cwd });
      expect(run.stdout.split('\n').at(-2)).to.contain('"entries":9').and.to.contain('"damaged":0');
    }
  }));

  it('ends quietly when its reader has seen enough', () => inDirectory(manySegments(), async (cwd) => {
    const child = spawn(process.execPath, [...agentCommand(), 'inspect', '--dump', '--schema', 'schema.json', '.'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.once('data', () => child.stdout.destroy());
    const [stderr, code] = await Promise.all([text(child.stderr), once(child, 'close').then(([ended]) => ended as number)]);
    expect({ stderr, code }).to.deep.equal({ stderr: '', code: 0 });
  }));
});

/** More than a pipe takes at once. */
function manySegments(): Record<string, Buffer | string> {
  const segments = Array.from({ length: 200 }, (_, i) => shopSegment({ id: SEGMENT_ID + BigInt(i) }));
  return { ...Object.fromEntries(segments.map((segment) => [segment.fileName, segment.image()])), 'schema.json': FILES['schema.json'] };
}
