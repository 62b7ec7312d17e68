/** Promise: of a damaged segment `inspect --dump` says what Cassandra's reader says, told to go on: what is lost, and where. */
import { expect } from 'chai';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaPath } from '../bench/data.js';
import { LineComparison } from '../conformance/raw-lines.js';
import { Rng } from '../helpers/random.js';
import { runCliLines } from '../helpers/run-cli.js';
import { commitLogDump } from './commitlog-dump.js';
import { runJava } from './java.js';

const VERSION = '5.0.6';
const SEED = 20240229;
const COPIES = 25;
/** Cassandra's Snappy and Zstd find more of the damage inside a section than ours, which leave it to the entries' checksums. */
const MODES = ['plain', 'LZ4', 'Deflate'] as const;

describe('oracle: damaged segments', function () {
  this.timeout(300_000);
  let scratch = '';
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'cdc-damage-'));
    await runJava({ version: VERSION, main: 'SegmentWriter', args: ['--out', scratch, '--schema', schemaPath, '--modes', MODES.join(), '--rows', '300', '--segment-bytes', '65536', '--section-bytes', '12000'] });
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  for (const mode of MODES) {
    it(`${mode}: ${COPIES} copies with a bit flipped or an end cut off`, async () => {
      const files = damagedCopies(join(scratch, mode), join(scratch, `${mode}-damaged`));
      const expected: string[] = [];
      for await (const line of commitLogDump({ version: VERSION, schema: { file: schemaPath }, segments: files })) expected.push(line);
      const comparison = new LineComparison(expected);
      const { code, stderr } = await runCliLines(['inspect', '--dump', '--schema', schemaPath, ...files], (line) => comparison.take(line));
      comparison.end();
      expect(comparison.differences.join('\n')).to.equal('');
      expect(comparison.totals.damaged, 'damage that was found').to.be.at.least(COPIES / 2);
      expect(comparison.totals.mutations, 'mutations that were saved').to.be.at.least(COPIES * 100);
      expect(code, stderr).to.equal(1);
    });
  }
});

/** Copies of the first segment, each in a directory of its own: the name must be the one that the header says. */
function damagedCopies(directory: string, to: string): string[] {
  const [name] = readdirSync(directory).sort();
  const original = readFileSync(join(directory, name));
  const used = original.lastIndexOf(1) + 1;
  const rng = new Rng(SEED);
  return Array.from({ length: COPIES }, (_, copy) => {
    const path = join(to, numbered(copy), name);
    mkdirSync(join(to, numbered(copy)), { recursive: true });
    cpSync(join(directory, name), path);
    writeFileSync(path, copy % 5 === 4 ? original.subarray(0, rng.between(100, used)) : withFlippedBit(original, rng.below(used), rng.below(8)));
    return path;
  });
}

function withFlippedBit(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] ^= 1 << bit;
  return copy;
}

/** Equal names are read in the order of their directories. */
function numbered(copy: number): string {
  return String(copy).padStart(2, '0');
}
