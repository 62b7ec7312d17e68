/** Random segments of one mode with everything that a right reader must find in them. */
import type { MutationModel, SchemaModel } from './model.js';
import { MutationGenerator } from './mutation-generator.js';
import type { MutationOptions } from './mutation-generator.js';
import { encodeMutation } from './mutation-writer.js';
import { Rng } from './random.js';
import { expectedUpdate } from './raw-contract.js';
import type { RawUpdate, ReaderView } from './raw-contract.js';
import { randomSchema } from './schema-generator.js';
import { SegmentWriter } from './segment-writer.js';
import type { EncryptionModel, EntryPlace, SegmentOptions, SegmentVersion } from './segment-writer.js';

export interface SegmentMode {
  readonly name: string;
  readonly version: SegmentVersion;
  readonly compression?: SegmentOptions['compression'];
  readonly encryption?: EncryptionModel;
}

const encryption = (keyLength: number, chunkLength: number): EncryptionModel => ({
  key: Buffer.alloc(keyLength, 'not a secret key'),
  iv: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex'),
  keyAlias: 'model:1',
  chunkLength,
});

/** Every version in every mode that it is written in; blocks of encrypted segments small enough to be several. */
export const SEGMENT_MODES: readonly SegmentMode[] = [
  { name: 'v6 plain', version: 6 },
  { name: 'v7 plain', version: 7 },
  { name: 'v8 plain', version: 8 },
  { name: 'v6 LZ4', version: 6, compression: 'LZ4Compressor' },
  { name: 'v7 LZ4', version: 7, compression: 'LZ4Compressor' },
  { name: 'v7 Snappy', version: 7, compression: 'SnappyCompressor' },
  { name: 'v7 Deflate', version: 7, compression: 'DeflateCompressor' },
  { name: 'v7 Zstd', version: 7, compression: 'ZstdCompressor' },
  { name: 'v7 encrypted', version: 7, encryption: encryption(16, 4096) },
  { name: 'v8 LZ4', version: 8, compression: 'LZ4Compressor' },
  { name: 'v8 Snappy', version: 8, compression: 'SnappyCompressor' },
  { name: 'v8 Deflate', version: 8, compression: 'DeflateCompressor' },
  { name: 'v8 Zstd', version: 8, compression: 'ZstdCompressor' },
  { name: 'v8 encrypted', version: 8, encryption: encryption(32, 65_536) },
];

export interface ModelEntry extends EntryPlace {
  readonly model: MutationModel;
}

export interface ModelSegment {
  readonly mode: SegmentMode;
  readonly schema: SchemaModel;
  readonly writer: SegmentWriter;
  readonly entries: readonly ModelEntry[];
  /** The closed segment. */
  readonly file: Buffer;
}

export interface ModelSegmentOptions {
  readonly seed: number;
  readonly mode: SegmentMode;
  readonly tables: number;
  readonly mutations: number;
  readonly mutation?: Partial<MutationOptions>;
  readonly forServer?: boolean;
  /** The vector type of 5.0; there by default. */
  readonly vectors?: boolean;
  /** Segment id; random by default. */
  readonly id?: bigint;
  /** Other mutations over the same schema. */
  readonly mutationSeed?: number;
  /** Bytes of zeros behind the end, as mmap leaves them. */
  readonly padding?: number;
}

export function viewOf(mode: SegmentMode): ReaderView {
  return mode.version === 8 ? 'v8' : 'v7-by-5';
}

export function randomSegment(options: ModelSegmentOptions): ModelSegment {
  const { mode } = options;
  const schemaRng = new Rng(options.seed);
  const schema = randomSchema(schemaRng, { tables: options.tables, vectors: options.vectors ?? true, forServer: options.forServer === true });
  const rng = options.mutationSeed === undefined ? schemaRng : new Rng(options.mutationSeed);
  const generator = new MutationGenerator(rng, schema, {
    version: mode.version, wild: false, items: 6, nullClustering: options.forServer !== true, ...options.mutation,
  });
  const writer = new SegmentWriter({
    version: mode.version,
    id: options.id ?? 1_795_360_528_000n + BigInt(rng.below(1_000_000)),
    ...(mode.compression === undefined ? {} : { compression: mode.compression }),
    ...(mode.encryption === undefined ? {} : { encryption: mode.encryption }),
  });
  const dialect = mode.version === 8 || rng.chance(0.5) ? '5' : '4';
  const entries: ModelEntry[] = [];
  for (let i = 0; i < options.mutations; i++) {
    const model = generator.mutation();
    entries.push({ ...writer.append(encodeMutation(model, dialect)), model });
    if (rng.chance(0.1)) writer.sync();
  }
  if (rng.chance(0.5)) writer.sync();
  writer.close();
  const padTo = options.padding === undefined ? 0 : writer.syncedLength + options.padding;
  return { mode, schema, writer, entries, file: writer.image({ padTo }) };
}

export function expectedUpdates(entry: ModelEntry, view: ReaderView): RawUpdate[] {
  return entry.model.updates.map((update) => expectedUpdate(update, view));
}
