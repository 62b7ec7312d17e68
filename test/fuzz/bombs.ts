/** Small files that ask for much memory or time: sections that decompress to many MiB, or say so. */
import { deflateSync } from 'node:zlib';
import type { Compression } from '../helpers/block-writers.js';
import { encodeDescriptor, encodeMarker } from '../helpers/segment-writer.js';

const ID = 1_795_360_528_000n;
/** The longest section that the reader takes, and twice as much. */
const LARGEST = 64 * 1024 * 1024;
const HUGE = 2 * LARGEST;

export interface Bomb {
  readonly name: string;
  readonly file: Buffer;
}

function section(compression: Compression, claimed: number, body: Buffer): Buffer {
  const header = encodeDescriptor({ version: 7, id: ID, compression });
  const length = Buffer.alloc(4);
  length.writeInt32BE(claimed | 0);
  const end = header.length + 8 + 4 + body.length;
  return Buffer.concat([header, encodeMarker(ID, header.length, end), length, body, Buffer.alloc(8)]);
}

/** One literal zero, then a match of `length` bytes at distance 1, five literals. */
function lz4Zeros(length: number): Buffer {
  const rest = length - 6 - 4 - 15;
  const plain = Buffer.alloc(4);
  plain.writeUInt32LE(length);
  return Buffer.concat([plain, Buffer.of(0x1f, 0, 1, 0), Buffer.alloc(Math.floor(rest / 255), 255), Buffer.of(rest % 255, 0x50), Buffer.alloc(5)]);
}

/** One literal zero, then copies of 64 at distance 1. */
function snappyZeros(length: number): Buffer {
  const varint: number[] = [];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    varint.push(rest < 128 ? rest : (rest % 128) | 0x80);
    if (rest < 128) break;
  }
  const copies = Math.floor((length - 1) / 64);
  const left = (length - 1) % 64;
  const parts = [Buffer.from(varint), Buffer.of(0, 0), Buffer.alloc(3 * copies, Buffer.of((63 << 2) | 2, 1, 0))];
  if (left > 0) parts.push(Buffer.of(((left - 1) << 2) | 2, 1, 0));
  return Buffer.concat(parts);
}

/** RLE blocks of 128 KiB, four bytes each. */
function zstdZeros(length: number): Buffer {
  const blocks = Math.ceil(length / 131_072);
  const header = Buffer.alloc(9);
  header.writeUInt32LE(0xfd2fb528);
  header[4] = 0xa0;
  header.writeUInt32LE(length, 5);
  const body = Buffer.alloc(4 * blocks);
  for (let i = 0; i < blocks; i++) {
    const size = Math.min(131_072, length - 131_072 * i);
    body.writeUIntLE((size << 3) | (1 << 1) | Number(i === blocks - 1), 4 * i, 3);
  }
  return Buffer.concat([header, body]);
}

const ZEROS: Readonly<Record<Compression, (length: number) => Buffer>> = {
  LZ4Compressor: lz4Zeros,
  SnappyCompressor: snappyZeros,
  DeflateCompressor: (length) => deflateSync(Buffer.alloc(length), { level: 9 }),
  ZstdCompressor: zstdZeros,
};

/** Each compressor: honest about 32 and 64 MiB (real sections could be), about 128 MiB, and lying in both directions. */
export function makeBombs(): Bomb[] {
  return (Object.keys(ZEROS) as Compression[]).flatMap((compression) => {
    const name = (what: string): string => `${compression} ${what}`;
    const large = ZEROS[compression](HUGE);
    return [
      { name: name('32 MiB of zeros'), file: section(compression, 32 << 20, ZEROS[compression](32 << 20)) },
      { name: name('64 MiB of zeros'), file: section(compression, LARGEST, ZEROS[compression](LARGEST)) },
      { name: name('128 MiB of zeros'), file: section(compression, HUGE, large) },
      { name: name('128 MiB that say 100 bytes'), file: section(compression, 100, large) },
      { name: name('128 MiB that say 64 MiB'), file: section(compression, LARGEST, large) },
      { name: name('128 MiB that say 2 GiB'), file: section(compression, 0x7fff_ffff, large) },
      { name: name('100 bytes that say 64 MiB'), file: section(compression, LARGEST, ZEROS[compression](100)) },
      { name: name('a frame that says 1 GiB inside'), file: section(compression, 1000, inside(compression)) },
    ];
  });
}

/** The compressed form's own length lies. */
function inside(compression: Compression): Buffer {
  const body = Buffer.from(ZEROS[compression](1000));
  if (compression === 'LZ4Compressor') body.writeUInt32LE(1 << 30);
  if (compression === 'SnappyCompressor') return Buffer.concat([Buffer.of(0x80, 0x80, 0x80, 0x80, 4), body.subarray(2)]);
  if (compression === 'ZstdCompressor') body.writeUInt32LE(1 << 30, 5);
  return body;
}
