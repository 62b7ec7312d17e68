/** Decryption of commit-log sections. Mirrors org.apache.cassandra.security.EncryptionUtils with AES/CBC/PKCS5Padding. */
import { createDecipheriv } from 'node:crypto';
import type { EncryptionHeader } from '../commitlog/descriptor.js';
import { CorruptError } from '../errors.js';

const KEY_LENGTHS = [16, 24, 32];
const BLOCK_SIZE = 16;

export class SectionCipher {
  readonly keyAlias: string;
  readonly #algorithm: string;
  readonly #key: Buffer;
  readonly #iv: Buffer;

  /** Throws CorruptError when the key is missing, no AES key, or the cipher is another. */
  constructor(header: EncryptionHeader, key: Buffer | undefined) {
    if (header.cipher !== 'AES/CBC/PKCS5Padding') throw new CorruptError('compression_unsupported', 0, `the segment is encrypted with ${header.cipher}: only AES/CBC/PKCS5Padding is read`);
    if (key === undefined) throw new CorruptError('encryption_key_missing', 0, `the segment is encrypted with the key of alias ${header.keyAlias}`);
    if (!KEY_LENGTHS.includes(key.length)) throw new CorruptError('encryption_key_wrong', 0, `an AES key has 16, 24 or 32 bytes, the one given has ${key.length}`);
    if (header.iv.length !== BLOCK_SIZE) throw new CorruptError('descriptor_crc', 0, `the header holds an IV of ${header.iv.length} bytes instead of ${BLOCK_SIZE}`);
    this.keyAlias = header.keyAlias;
    this.#algorithm = `aes-${key.length * 8}-cbc`;
    this.#key = key;
    this.#iv = header.iv;
  }

  /** Decrypts `length` bytes from `start`; throws when they are not there or the padding does not come out. */
  decrypt(bytes: Buffer, start: number, length: number): Buffer {
    if (length <= 0 || length > bytes.length - start) throw new RangeError(`a block of ${length} bytes where ${bytes.length - start} are left`);
    const decipher = createDecipheriv(this.#algorithm, this.#key, this.#iv);
    return Buffer.concat([decipher.update(bytes.subarray(start, start + length)), decipher.final()]);
  }
}
