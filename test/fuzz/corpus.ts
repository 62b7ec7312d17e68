/**
 * Sound segments to damage: what real nodes wrote, cut down to a few KB, and encoder-made ones in every version and mode.
 * Each comes with everything that it holds, read while it was sound.
 */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CommitLogSegmentReader, memorySource, readDescriptor, Schema } from '../../parsers/index.js';
import { schemaFromRows } from '../../parsers/schema/from-system-schema.js';
import type { SystemSchemaRows } from '../../parsers/schema/from-system-schema.js';
import { randomSegment, SEGMENT_MODES } from '../helpers/model-segment.js';
import { projectRoot } from '../helpers/project-root.js';
import { canonicalUpdate } from '../helpers/raw-contract.js';
import { tablesOf } from '../helpers/schema-of-model.js';
import type { CellModel, ColumnModel, RowModel, TableModel, TypeModel } from '../helpers/model.js';
import { encodeMutation } from '../helpers/mutation-writer.js';
import { Rng } from '../helpers/random.js';
import { encodeMarker, SegmentWriter } from '../helpers/segment-writer.js';
import type { SegmentOptions } from '../helpers/segment-writer.js';
import { SCALARS } from '../helpers/type-models.js';
import { walkSegment } from '../helpers/segment-walk.js';

const DIGEST_LENGTH = 22;

/** Kept small: there are thousands, and the memory of the process that reads is judged. */
export class OriginalEntry {
  readonly identity: string;
  /** Position behind it, as the raw contract counts. */
  readonly end: number;
  /** Digest of its updates in canonical lines; null when the schema lacks a table of it. */
  readonly content: string | null;

  constructor(mutation: Buffer, end: number, content: string | null) {
    this.identity = identity(mutation);
    this.end = end;
    this.content = digest(content);
  }

  get mutation(): Buffer {
    return Buffer.from(this.identity, 'latin1');
  }
}

/** What is not there stays what it is. */
export function digest<T extends null | undefined>(content: string | T): string | T {
  return typeof content === 'string' ? hash('sha256', content, 'base64').slice(0, DIGEST_LENGTH) : content;
}

export interface Original {
  readonly name: string;
  readonly file: Buffer;
  readonly key: Buffer | undefined;
  readonly schema: Schema;
  /** Originals of one group have one schema: parts of one are meaningful in another. */
  readonly group: string;
  readonly isPlain: boolean;
  readonly headerLength: number;
  /** File offsets of the sync markers, and of the place behind the last section. */
  readonly markers: readonly number[];
  readonly entries: readonly OriginalEntry[];
  readonly byIdentity: ReadonlyMap<string, OriginalEntry>;
}

/** The bytes themselves: no two mutations share it, and none that an original lacks can have it. */
export function identity(mutation: Buffer): string {
  return mutation.toString('latin1');
}

interface Source {
  readonly name: string;
  readonly group: string;
  readonly file: Buffer;
  readonly schema: Schema;
  readonly key?: Buffer | undefined;
}

/** Reads a sound segment; throws when it is not sound. */
export function describe(source: Source): Original {
  const { file, schema, key } = source;
  const mutations: Buffer[] = [];
  const entries: OriginalEntry[] = [];
  const take = (updates: readonly unknown[], end: number, isKnown: boolean): void => {
    entries.push(new OriginalEntry(mutations[entries.length], end, isKnown ? updates.map(canonicalUpdate).join('\n') : null));
  };
  walkSegment(file, { schema, key }, {
    frame: ({ bytes, start, end }) => mutations.push(Buffer.from(bytes.subarray(start, end))),
    mutation: (updates, end) => take(updates, end, true),
    unknown: (_id, updates, end) => take(updates, end, false),
    damaged: (code, position) => {
      throw new Error(`${source.name} is not sound: ${code} at ${position}`);
    },
  });
  const descriptor = readDescriptor(file);
  const markers = [descriptor.length];
  const reader = new CommitLogSegmentReader(memorySource(file), descriptor, { key });
  for (let section = reader.next(); typeof section !== 'string'; section = reader.next()) markers.push(section.fileEnd);
  const byIdentity = new Map(entries.map((entry) => [entry.identity, entry]));
  const isPlain = descriptor.compression === null && descriptor.encryption === null;
  return { name: source.name, group: source.group, file, key, schema, isPlain, headerLength: descriptor.length, markers, entries, byIdentity };
}

/** Two schemas over all modes, so that parts can be exchanged between modes too. */
export function modelOriginals(): Original[] {
  return [1, 2].flatMap((seed) => SEGMENT_MODES.flatMap((mode, i) => [4, 25].map((mutations) => {
    const segment = randomSegment({ seed, mode, tables: 10, mutations, mutationSeed: 100 * seed + i, padding: i % 2 === 0 ? 0 : 512, mutation: { items: 3 } });
    return describe({
      name: `model ${seed} ${mode.name} x${mutations}`,
      group: `model ${seed}`,
      file: segment.file,
      schema: new Schema(tablesOf(segment.schema)),
      key: mode.encryption?.key,
    });
  })));
}

/**
 * Entries of one size in sections that get shorter: what a reader forgets to clear of one section stands, whole and with
 * sound checksums, where the next one's entries would go on.
 */
export function uniformOriginals(): Original[] {
  const int = SCALARS.find((type) => type.cql === 'int') as TypeModel;
  const column = (name: string, kind: ColumnModel['kind'], position: number): ColumnModel =>
    ({ name, kind, position, type: int, reversed: false, droppedTime: null, isDropped: false });
  const value = column('v', 'regular', -1);
  const table: TableModel = {
    keyspace: 'uniform', name: 't', id: '00000000-0000-1000-8000-00000000abcd', partitionKey: [column('k', 'partition_key', 0)],
    clustering: [], statics: [], regulars: [value], isCounter: false,
  };
  const schema = new Schema(tablesOf({ keyspaces: ['uniform'], userTypes: [], tables: [table] }));
  return SEGMENT_MODES.map((mode, m) => {
    const rng = new Rng(7 + m);
    const { name, ...options } = mode;
    const writer = new SegmentWriter({ ...options, id: 1_795_360_528_000n + BigInt(m) } as SegmentOptions);
    for (const count of [16, 8, 4, 2]) {
      for (let i = 0; i < count; i++) {
        const timestamp = 1_795_360_000_000_000n;
        const cell: CellModel = { kind: 'live', timestamp, ttl: 0, localDeletionTime: 0, path: null, value: rng.bytes(4) };
        const row: RowModel = {
          item: 'row', clustering: [], liveness: { timestamp, ttl: 0, localExpirationTime: 0 }, deletion: null, isShadowable: false,
          columns: [{ column: value, deletion: null, cells: [cell] }],
        };
        writer.append(encodeMutation({ updates: [{ table, key: rng.bytes(4), deletion: null, staticRow: null, staticColumns: [], regularColumns: [value], items: [row] }] }, '5'));
      }
      writer.sync();
    }
    writer.close();
    return describe({ name: `uniform ${name}`, group: 'uniform', file: writer.image(), schema, key: mode.encryption?.key });
  });
}

const FIXTURES = join(projectRoot, 'test/fixtures/segments');
/** Longest pieces of a recorded segment: one with large sections, and one with many small ones, so that most cases take little time. */
const PIECE_LENGTHS = [6144, 1024];

/** A part of a recorded segment. */
export interface Piece {
  readonly recording: string;
  readonly name: string;
  readonly file: Buffer;
}

/** Of the recorded segments of every version and mode, in the order of their names. They are 32 MiB each before they are cut. */
export function recordedPieces(): Piece[] {
  if (!existsSync(FIXTURES)) return [];
  return readdirSync(FIXTURES).sort().flatMap((recording) => {
    const directory = join(FIXTURES, recording);
    if (!existsSync(join(directory, 'schema.json'))) return [];
    const names = readdirSync(directory).filter((name) => name.endsWith('.log.gz')).sort();
    return names.flatMap((name) => {
      const file = gunzipSync(readFileSync(join(directory, name)));
      return pieces(file, keyOf(directory)).map((piece, i) => ({ recording, name: `${recording} ${name.slice(0, -7)} #${i}`, file: piece }));
    });
  });
}

export function recordedOriginals(all: readonly Piece[]): Original[] {
  const schemas = new Map<string, Schema>();
  return all.map(({ recording, name, file }) => {
    const directory = join(FIXTURES, recording);
    let schema = schemas.get(recording);
    if (schema === undefined) schemas.set(recording, (schema = new Schema(schemaFromRows(JSON.parse(readFileSync(join(directory, 'schema.json'), 'utf8')) as SystemSchemaRows))));
    return describe({ name, group: recording, file, schema, key: keyOf(directory) });
  });
}

function keyOf(directory: string): Buffer | undefined {
  const keyFile = join(directory, 'key.hex');
  return existsSync(keyFile) ? Buffer.from(readFileSync(keyFile, 'utf8').trim(), 'hex') : undefined;
}

/**
 * Small segments out of a large one: its header and a run of its sections, whose bodies stay as recorded and whose markers
 * are written again for their new places.
 */
function pieces(file: Buffer, key: Buffer | undefined): Buffer[] {
  const descriptor = readDescriptor(file);
  const reader = new CommitLogSegmentReader(memorySource(file), descriptor, { key });
  const sections: Buffer[] = [];
  for (let section = reader.next(); typeof section !== 'string'; section = reader.next()) sections.push(file.subarray(section.fileStart + 8, section.fileEnd));
  const largest = PIECE_LENGTHS.flatMap((longest) => runs(sections, longest).sort((a, b) => size(b) - size(a)).slice(0, 1));
  // Of a short segment both are all of it.
  return largest.filter((bodies, i) => i === 0 || size(bodies) !== size(largest[0])).map((bodies) => {
    const parts = [file.subarray(0, descriptor.length)];
    let at = descriptor.length;
    for (const body of bodies) {
      parts.push(encodeMarker(BigInt(descriptor.id), at, at + 8 + body.length), body);
      at += 8 + body.length;
    }
    return Buffer.concat([...parts, Buffer.alloc(64)]);
  });
}

/** Neighbouring sections, as many as fit. */
function runs(sections: readonly Buffer[], longest: number): Buffer[][] {
  const found: Buffer[][] = [];
  let length = Infinity;
  for (const body of sections) {
    if (body.length > longest) continue;
    if (length + body.length > longest) {
      found.push([]);
      length = 0;
    }
    found[found.length - 1].push(body);
    length += body.length + 8;
  }
  return found;
}

function size(bodies: readonly Buffer[]): number {
  return bodies.reduce((sum, body) => sum + body.length, 0);
}
