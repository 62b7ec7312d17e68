/**
 * How a section's bytes become entries: as they are, decompressed, or decrypted. Mirrors CommitLogSegmentReader.Segmenter.
 *
 *   <section>    is <marker><body>
 *   plain body      <entry>*
 *   compressed body <length:int32><compressed>
 *   encrypted body  <length:int32>(<encrypted length:int32><plain length:int32><encrypted>)*
 *     <encrypted>   AES of <length:int32><LZ4 with its length>, the same IV for each block
 */
import { compressorNamed, type Compressor } from '../compress/compressor.js';
import { uncompressLZ4 } from '../compress/lz4-compressor.js';
import { SectionCipher } from '../crypto/section-cipher.js';
import { CorruptError } from '../errors.js';
import { ReusedBuffer } from '../io/reused-buffer.js';
import type { CommitLogDescriptor } from './descriptor.js';

/**
 * A section is never longer than its segment, which has 32 MiB by default; more than this is a lie about a length. Two
 * buffers of this size, one of them garbage not collected yet, still leave the process under 256 MiB.
 */
export const MAX_SECTION_LENGTH = 64 * 1024 * 1024;

/** What compressors make of nothing: 13 bytes of Zstd are the most. A smaller entry does not compress to that. */
const LARGEST_EMPTY_BODY = 16;

/** Body of a section in the clear. `data` is valid until the next call. */
export interface SectionContent {
  readonly data: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface Segmenter {
  /** Compressed and encrypted positions count uncompressed bytes, plain ones file offsets: both agree for plain. */
  open(body: Buffer, position: number): SectionContent;
  /** Length in the clear, as it claims, of a body of `length` bytes that begins with `head`: for the positions behind a body that isn't read. */
  claimedLength(head: Buffer, length: number): number;
}

export function segmenterFor(descriptor: CommitLogDescriptor, key: Buffer | undefined): Segmenter {
  if (descriptor.encryption !== null) return new EncryptedSegmenter(new SectionCipher(descriptor.encryption, key));
  if (descriptor.compression !== null) return new CompressedSegmenter(compressorNamed(descriptor.compression));
  return new NoOpSegmenter();
}

class NoOpSegmenter implements Segmenter {
  open(body: Buffer): SectionContent {
    return { data: body, start: 0, end: body.length };
  }

  claimedLength(_head: Buffer, length: number): number {
    return length;
  }
}

class CompressedSegmenter implements Segmenter {
  readonly #compressor: Compressor;
  readonly #output = new ReusedBuffer({ most: MAX_SECTION_LENGTH });

  constructor(compressor: Compressor) {
    this.#compressor = compressor;
  }

  open(body: Buffer, position: number): SectionContent {
    const length = plausibleLength(body, position);
    if (length === 0) {
      if (body.length > 4 + LARGEST_EMPTY_BODY) throw new CorruptError('section_length', position, `the section at ${position} claims to be empty and has ${body.length - 4} bytes`);
      return { data: body, start: 0, end: 0 };
    }
    if (length > body.length * this.#compressor.maxRatio + 64) throw new CorruptError('section_length', position, `the section at ${position} claims ${length} bytes out of ${body.length}, more than ${this.#compressor.name} can do`);
    const output = this.#output.ofLength(length);
    let data: Buffer;
    try {
      data = this.#compressor.uncompress(body.subarray(4), output, length);
    } catch (cause) {
      throw new CorruptError('section_decompress', position, `the section at ${position} does not decompress with ${this.#compressor.name}`, { cause });
    }
    if (data.length !== length) throw new CorruptError('section_length', position, `the section at ${position} decompresses to ${data.length} bytes instead of ${length}`);
    return { data, start: 0, end: length };
  }

  claimedLength(head: Buffer): number {
    return claimed(head);
  }
}

class EncryptedSegmenter implements Segmenter {
  readonly #cipher: SectionCipher;
  readonly #output = new ReusedBuffer({ most: MAX_SECTION_LENGTH });
  #hasDecrypted = false;

  constructor(cipher: SectionCipher) {
    this.#cipher = cipher;
  }

  open(body: Buffer, position: number): SectionContent {
    const length = plausibleLength(body, position);
    if (length > body.length * 255 + 64) throw new CorruptError('section_length', position, `the section at ${position} claims ${length} bytes out of ${body.length}`);
    const output = this.#output.ofLength(length);
    let filled = 0;
    try {
      let at = 4;
      while (filled < length) {
        const encryptedLength = body.readInt32BE(at);
        const plain = this.#cipher.decrypt(body, at + 8, encryptedLength).subarray(0, body.readInt32BE(at + 4));
        at += 8 + encryptedLength;
        const blockLength = plain.readInt32BE(0);
        if (blockLength <= 0 || blockLength > length - filled) throw new RangeError(`a block of ${blockLength} bytes`);
        uncompressLZ4(plain.subarray(4), output.subarray(filled, filled + blockLength), blockLength);
        filled += blockLength;
      }
      if (at !== body.length) throw new RangeError(`${body.length - at} bytes behind the last block`);
    } catch (cause) {
      const code = this.#hasDecrypted ? 'section_decrypt' : 'encryption_key_wrong';
      throw new CorruptError(code, position, `the section at ${position} does not decrypt with the key given for alias ${this.#cipher.keyAlias}`, { cause });
    }
    if (length > 0) this.#hasDecrypted = true;
    return { data: output, start: 0, end: length };
  }

  claimedLength(head: Buffer): number {
    return claimed(head);
  }
}

function plausibleLength(body: Buffer, position: number): number {
  const length = body.length >= 4 ? body.readInt32BE(0) : -1;
  if (length < 0 || length > MAX_SECTION_LENGTH) throw new CorruptError('section_length', position, `the section at ${position} claims an impossible length of ${length} bytes`);
  return length;
}

function claimed(head: Buffer): number {
  const length = head.length >= 4 ? head.readInt32BE(0) : 0;
  return length < 0 || length > MAX_SECTION_LENGTH ? 0 : length;
}
