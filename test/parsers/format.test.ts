/** FORMAT.md is held against the parser: its bytes, its readings of them, its flags, and every name in it. */
import { expect } from 'chai';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DumpReport } from '../../agent/inspect/dump-report.js';
import { CLUSTERING_KINDS, readDescriptor, Schema } from '../../parsers/index.js';
import { readSyncMarker } from '../../parsers/commitlog/sync-marker.js';
import { EncodingStats } from '../../parsers/db/encoding-stats.js';
import { crc32Int, crc32Range } from '../../parsers/io/crc32.js';
import { DataInput } from '../../parsers/io/data-input.js';
import { int64ToString } from '../../parsers/io/int64.js';
import { uuidToString } from '../../parsers/marshal/uuid.js';
import { schemaFromRows } from '../../parsers/schema/from-system-schema.js';
import { runInspect } from '../agent/inspect/harness.js';
import { projectRoot } from '../helpers/project-root.js';
import { encodeDescriptor, encodeMarker } from '../helpers/segment-writer.js';

const ROOM = join(projectRoot, 'parsers');
const TEXT = readFileSync(join(ROOM, 'FORMAT.md'), 'utf8');
const SOURCES = new Map(readdirSync(ROOM, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts')).map((path) => [path, readFileSync(join(ROOM, path), 'utf8')]));
const CODE = [...SOURCES.values()].join('\n');

interface Line {
  readonly offset: number;
  readonly bytes: Buffer;
  /** `vint`, `row-flags` … */
  readonly kind: string;
  /** What the page says the bytes are. */
  readonly says: string;
}

function blocks(fence: string): Map<string, string> {
  return new Map([...TEXT.matchAll(new RegExp(`^\`\`\`${fence} (\\w+)\\n([^]*?)^\`\`\``, 'gm'))].map(([, name, body]) => [name, body]));
}

function linesOf(body: string): Line[] {
  return body.trimEnd().split('\n').map((line) => {
    const match = /^ *(\d+) {2}((?:[0-9a-f]{2} )*[0-9a-f]{2}) {2,}(\S+)(?: (\S.*?))?(?: {3,}.*)?$/.exec(line);
    if (match === null) throw new Error(`not a line of an example: ${line}`);
    return { offset: Number(match[1]), bytes: Buffer.from(match[2].replaceAll(' ', ''), 'hex'), kind: match[3], says: match[4] ?? '' };
  });
}

/** Value of a flag's constant in a source. */
function flag(file: string, name: string): number {
  const match = new RegExp(`^(?:export )?const ${name} = 0x([0-9a-f]+);`, 'm').exec(SOURCES.get(file) ?? '');
  if (match === null) throw new Error(`${file} has no flag ${name}`);
  return Number.parseInt(match[1], 16);
}

const UPDATE = 'db/partition-update.ts';
const ROW = 'db/row.ts';
const FILE_OF_FLAG: Readonly<Record<string, string>> = { END_OF_PARTITION: UPDATE, IS_MARKER: UPDATE, EXTENSION_FLAG: UPDATE, IS_STATIC: UPDATE };

/** Reads lines with the parser's own means. */
class Reader {
  readonly #lines: readonly Line[];
  readonly #whole: Buffer;
  readonly #stats = new EncodingStats();
  readonly #input = new DataInput();

  constructor(lines: readonly Line[]) {
    this.#lines = lines;
    this.#whole = Buffer.concat(lines.map(({ bytes }) => bytes));
  }

  read({ kind, says, offset, bytes }: Line, i: number): string {
    const input = this.#input;
    const last = kind === 'min-timestamp' ? i + 3 : i + 1;
    const piece = Buffer.concat(this.#lines.slice(i, last).map((line) => line.bytes));
    input.reset(piece, 0, piece.length, 0);
    switch (kind) {
      case 'int16': return String(bytes.readInt16BE());
      case 'int32': return String(bytes.readInt32BE());
      case 'int64': return String(bytes.readBigInt64BE());
      case 'text': return bytes.toString();
      case 'uuid': return uuidToString(bytes, 0);
      case 'crc': return this.#checksum(offset, bytes);
      case 'name': return input.bytes.toString('utf8', input.take(input.readLength()) , piece.length);
      case 'vint': input.readUnsignedVInt(); break;
      case 'min-timestamp':
        this.#stats.read(input);
        return int64ToString(this.#stats.minTimestampHigh, this.#stats.minTimestampLow);
      case 'min-local-deletion-time': return String(this.#stats.minLocalDeletionTime);
      case 'timestamp': this.#stats.readTimestamp(input); break;
      case 'local-deletion-time': return String(this.#stats.readLocalDeletionTime(input));
      case 'ttl': return String(this.#stats.readTTL(input));
      default: return flagsText(kind, says, bytes);
    }
    expect(input.position, 'all of the line is read').to.equal(piece.length);
    return int64ToString(input.high, input.low);
  }

  /** Empty when it holds. */
  #checksum(offset: number, bytes: Buffer): string {
    const whole = this.#whole;
    const size = whole.readInt32BE(0);
    const expected = offset === 4 ? crc32Int(size) : crc32Range(whole, 8, 8 + size, crc32Int(size));
    expect(offset === 4 || offset === 8 + size, 'a checksum stands behind the size or behind the mutation').to.equal(true);
    return bytes.readInt32BE() === expected ? '' : 'a checksum that does not hold';
  }
}

/** The named flags when they make up the byte. */
function flagsText(kind: string, says: string, [byte]: Buffer): string {
  if (!/^(update|row|extended|cell)-flags$/.test(kind)) throw new Error(`an unknown reading: ${kind}`);
  const file = kind === 'update-flags' ? UPDATE : ROW;
  const sum = says.split(' ').filter((name) => name !== '').reduce((total, name) => total | flag(file === ROW ? (FILE_OF_FLAG[name] ?? ROW) : UPDATE, name), 0);
  return sum === byte ? says : `flags that make ${sum}, not ${byte}`;
}

describe('parsers/FORMAT.md', () => {
  const examples = blocks('bytes');
  const answers = blocks('json');

  it('begins its segment with a descriptor and a marker', () => {
    const lines = linesOf(examples.get('head')!);
    const head = Buffer.concat(lines.map(({ bytes }) => bytes));
    const descriptor = readDescriptor(head.subarray(0, 20));
    expect(descriptor).to.include({ version: 7, id: 1795374030918, length: 20 });
    const end = readSyncMarker(head, 20, { segmentId: descriptor.id, offset: 20, size: 1 << 20 });
    expect(lines.filter(({ kind }) => kind === 'int32').map(({ says }) => Number(says))).to.deep.equal([descriptor.version, end]);
    expect(lines.find(({ kind }) => kind === 'int64')?.says).to.equal(String(descriptor.id));
  });

  for (const name of ['insert', 'ttl', 'static']) {
    const lines = linesOf(examples.get(name)!);

    it(`reads each line of the example '${name}' as the page says`, () => {
      const reader = new Reader(lines);
      let offset = 0;
      lines.forEach((line, i) => {
        expect(line.offset, line.kind).to.equal(offset);
        offset += line.bytes.length;
        expect(`${line.offset} ${reader.read(line, i)}`).to.equal(`${line.offset} ${line.says}`);
      });
    });

    it(`decodes the example '${name}' to what the page prints`, async () => {
      const id = 1_795_374_030_918n;
      const header = encodeDescriptor({ version: 7, id });
      const entry = Buffer.concat(lines.map(({ bytes }) => bytes));
      const file = Buffer.concat([header, encodeMarker(id, header.length, header.length + 8 + entry.length), entry]);
      const run = await runInspect({ files: { [`CommitLog-7-${id}.log`]: file }, report: (out) => new DumpReport(out), schema: schemaOfThePage() });
      expect((JSON.parse(run.lines[0]) as { u: unknown }).u).to.deep.equal(JSON.parse(answers.get(name)!));
    });
  }

  it('would notice a wrong byte, a wrong reading and a wrong flag', () => {
    const body = examples.get('insert')!;
    const read = (text: string): void => {
      const lines = linesOf(text);
      const reader = new Reader(lines);
      lines.forEach((line, i) => expect(reader.read(line, i)).to.equal(line.says));
    };
    expect(() => read(body)).to.not.throw();
    for (const [from, to] of [['08                        cell', '09                        cell'], ['vint 3 ', 'vint 4 '], ['HAS_TIMESTAMP HAS_ALL', 'HAS_TTL HAS_ALL'], ['b5 34', 'b5 35'], ['1700000000462999', '1700000000462998']]) {
      expect(body).to.contain(from);
      expect(() => read(body.replace(from, to)), to).to.throw();
    }
  });

  it('has the flags and kinds that the parser has', () => {
    const rows = [...TEXT.matchAll(/^\| (extended: )?`([A-Z_]+)` \| ([0-9a-f]{1,2}) \|/gm)];
    expect(rows).to.have.lengthOf(5 + 10 + 8 + 5);
    let isUpdate = true;
    for (const [, , name, value] of rows) {
      const kind = CLUSTERING_KINDS.findIndex((each) => each === name);
      if (kind >= 0) {
        expect(Number(value), name).to.equal(kind);
        continue;
      }
      if (name === 'END_OF_PARTITION') isUpdate = false;
      expect(Number.parseInt(value, 16), name).to.equal(flag(isUpdate ? UPDATE : (FILE_OF_FLAG[name] ?? ROW), name));
    }
  });

  /** Words of Cassandra's, CQL's and the operating system's. */
  const FOREIGN = new Set(['storage_compatibility_mode', 'cdc_raw', 'commitlog_sync_period', 'gc_grace_seconds', 'system_schema', 'compressionParameters']);

  it('names only what exists: identifiers, files and places on the page', () => {
    const prose = TEXT.replace(/^```[^]*?^```/gm, '');
    const names = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name).filter((name) => /^[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*$/.test(name) && /[A-Z_]/.test(name));
    expect(names.filter((name) => !FOREIGN.has(name) && !new RegExp(`\\b${name}\\b`).test(CODE))).to.deep.equal([]);
    const links = [...prose.matchAll(/\]\(([^)#]+)\)/g)].map(([, path]) => path);
    expect(links).to.not.be.empty;
    expect(links.filter((path) => !existsSync(join(ROOM, path)))).to.deep.equal([]);
    const anchors = new Set([...TEXT.matchAll(/^## (.+)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(' ', '-')));
    expect([...prose.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor).filter((anchor) => !anchors.has(anchor))).to.deep.equal([]);
  });
});

/** The two tables of the examples. */
function schemaOfThePage(): Schema {
  const table = (name: string, id: string, columns: Readonly<Record<string, readonly [kind: string, type: string]>>) => ({
    table: { keyspace_name: 'rec', table_name: name, id, flags: ['compound'], cdc: true },
    columns: Object.entries(columns).map(([column, [kind, type]]) => ({ keyspace_name: 'rec', table_name: name, column_name: column, clustering_order: kind === 'clustering' ? 'asc' : 'none', kind, position: kind === 'partition_key' || kind === 'clustering' ? 0 : -1, type })),
  });
  const key = { k: ['partition_key', 'int'], c: ['clustering', 'int'] } as const;
  const tables = [
    table('deletions', '0279cadc-8b6e-1fe1-8f66-2fb398335f9f', { ...key, v: ['regular', 'int'], w: ['regular', 'text'], m: ['regular', 'map<text, int>'], s: ['static', 'text'] }),
    table('ttl', '5a5fe7be-a0eb-1839-8b4f-c04bc9a33f6e', { ...key, a: ['regular', 'int'], b: ['regular', 'text'], m: ['regular', 'map<text, int>'], s: ['static', 'int'] }),
  ];
  return new Schema(schemaFromRows({ tables: tables.map((each) => each.table), columns: tables.flatMap((each) => each.columns) }));
}
