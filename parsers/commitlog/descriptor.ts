/**
 * What a segment says of itself. Mirrors org.apache.cassandra.db.commitlog.CommitLogDescriptor.
 *
 *   <descriptor> is <version:int32><id:int64><length:uint16><parameters><crc:int32>
 *     <parameters> JSON: compressionClass, compressionParameters, encCipher, encKeyAlias, encIV
 *     <crc>        CRC32 over version, id low int, id high int, length as int, parameters
 */
import { Parser } from 'binary-parser';
import { CorruptError } from '../errors.js';
import { crc32Int, crc32Range } from '../io/crc32.js';

/** Descriptor versions: 6 = Cassandra 3.x, 7 = 4.0, 4.1 and 5.0 in compatibility mode, 8 = 5.0. */
export const SUPPORTED_VERSIONS = [6, 7, 8] as const;

/** Longer names than Cassandra has ever had are another file. */
const HIGHEST_PLAUSIBLE_VERSION = 64;
const FIXED_LENGTH = 14;
const FILE_NAME = /^CommitLog-(\d{1,9})-(\d{1,16})\.log$/;
/** Upper half of 2^53: segment ids are milliseconds since 1970. */
const SAFE_HIGH = 0x1fffff;

const fixedPart = new Parser().endianness('big').int32('version').int32('idHigh').uint32('idLow').uint16('length');

export interface EncryptionHeader {
  /** Java transformation, e.g. `AES/CBC/PKCS5Padding`. */
  readonly cipher: string;
  readonly keyAlias: string;
  readonly iv: Buffer;
}

export interface CommitLogDescriptor {
  readonly version: number;
  /** Segment id: milliseconds since 1970 when it was made, or one more than the one before. */
  readonly id: number;
  /** Bytes of the header: the file offset of the first sync marker. */
  readonly length: number;
  /** Class name without package, or null. */
  readonly compression: string | null;
  readonly encryption: EncryptionHeader | null;
}

/** How many bytes `readDescriptor` needs, from the first 14 of the file. */
export function descriptorLength(head: Buffer): number {
  return FIXED_LENGTH + head.readUInt16BE(12) + 4;
}

/** Most bytes that a descriptor can take. */
export const MAX_DESCRIPTOR_LENGTH = FIXED_LENGTH + 0xffff + 4;

/**
 * Reads the descriptor at the beginning of `head`. Throws CorruptError: `descriptor_truncated` when the bytes are not
 * all there (yet), `descriptor_not_a_segment`, `descriptor_version`, `descriptor_crc`.
 */
export function readDescriptor(head: Buffer): CommitLogDescriptor {
  if (head.length < FIXED_LENGTH + 4) throw new CorruptError('descriptor_truncated', 0, `the file ends after ${head.length} bytes, inside its header`);
  const { version, idHigh, idLow, length } = fixedPart.parse(head) as { version: number; idHigh: number; idLow: number; length: number };
  if (version === 0 && idHigh === 0 && idLow === 0) throw new CorruptError('descriptor_truncated', 0, 'the header is all zeros: it has not been written');
  if (version < 2 || version > HIGHEST_PLAUSIBLE_VERSION) throw new CorruptError('descriptor_not_a_segment', 0, 'the file does not begin with a commit-log version');
  const end = FIXED_LENGTH + length;
  if (head.length < end + 4) throw new CorruptError('descriptor_truncated', 0, `the file ends after ${head.length} bytes, inside its header of ${end + 4}`);
  const crc = crc32Range(head, FIXED_LENGTH, end, crc32Int(length, crc32Int(idHigh, crc32Int(idLow, crc32Int(version)))));
  if (crc !== head.readInt32BE(end) || idHigh < 0 || idHigh > SAFE_HIGH) throw new CorruptError('descriptor_crc', 0, 'the checksum of the header does not match');
  refuseUnknownVersion(version);
  return { version, id: idHigh * 4294967296 + idLow, length: end + 4, ...readParameters(head, end) };
}

function refuseUnknownVersion(version: number): void {
  if (SUPPORTED_VERSIONS.some((supported) => supported === version)) return;
  const whose = version < 6 ? 'written by a Cassandra before 3.0' : version === 9 ? 'written by a Cassandra after 5.0' : 'of an unknown Cassandra';
  throw new CorruptError('descriptor_version', 0, `commit-log version ${version}, ${whose}, is not one of ${SUPPORTED_VERSIONS.join(', ')}`);
}

function readParameters(head: Buffer, end: number): Pick<CommitLogDescriptor, 'compression' | 'encryption'> {
  let parameters: Record<string, unknown>;
  try {
    parameters = (JSON.parse(head.toString('utf8', FIXED_LENGTH, end) || '{}') ?? {}) as Record<string, unknown>;
  } catch (cause) {
    throw new CorruptError('descriptor_crc', FIXED_LENGTH, 'the parameters in the header are not JSON', { cause });
  }
  const { compressionClass, encCipher, encKeyAlias, encIV } = parameters;
  const compression = typeof compressionClass === 'string' ? compressionClass.slice(compressionClass.lastIndexOf('.') + 1) : null;
  const isEncrypted = typeof encCipher === 'string' && typeof encKeyAlias === 'string';
  const iv = Buffer.from(typeof encIV === 'string' ? encIV : '', 'hex');
  return { compression, encryption: isEncrypted ? { cipher: encCipher, keyAlias: encKeyAlias, iv } : null };
}

/** Version and id from a segment's file name, or null for another file (CommitLogDescriptor.fromFileName). */
export function parseSegmentFileName(name: string): { readonly version: number; readonly id: number } | null {
  const match = FILE_NAME.exec(name);
  return match === null ? null : { version: Number(match[1]), id: Number(match[2]) };
}

/** Name of the index file that Cassandra keeps beside a segment in cdc_raw. */
export function cdcIndexFileName(segmentFileName: string): string {
  return `${segmentFileName.slice(0, -'.log'.length)}_cdc.idx`;
}
