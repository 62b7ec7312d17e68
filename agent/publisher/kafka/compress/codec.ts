/** Compression of record batches, by the names of Kafka's `compression.type`. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { ConfigError } from '../../../errors.js';
import { compressLz4Frame } from './lz4-frame.js';
import { compressSnappyStream } from './snappy-stream.js';

export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export interface Codec {
  /** Kafka's number of it, bits 0-2 of a batch's attributes. */
  readonly id: number;
  readonly compress?: (records: Buffer) => Buffer | Promise<Buffer>;
}

/** The Java client's default level for gzip is zlib's; speed matters more here. */
const GZIP_LEVEL = 1;
const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);

type ZstdCompress = (input: Buffer, callback: (error: Error | null, result: Buffer) => void) => void;

export function codecOf(compression: Compression): Codec {
  switch (compression) {
    case 'none': return { id: 0 };
    case 'gzip': return { id: 1, compress: (records) => gzip(records, { level: GZIP_LEVEL }) };
    case 'snappy': return { id: 2, compress: compressSnappyStream };
    case 'lz4': return { id: 3, compress: compressLz4Frame };
    case 'zstd': return { id: 4, compress: zstd() };
  }
}

function zstd(): (records: Buffer) => Promise<Buffer> {
  const native = (zlib as { zstdCompress?: ZstdCompress }).zstdCompress;
  if (native === undefined) {
    throw new ConfigError('zstd_unavailable', `kafka.compression: zstd needs Node 22.15 or later, this is ${process.version}`, { fix: 'use lz4, or a newer Node' });
  }
  return (records) => new Promise((resolve, reject) => native(records, (error, result) => (error === null ? resolve(result) : reject(error))));
}
