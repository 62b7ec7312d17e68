/**
 * What can be wrong with bytes. Three outcomes of a read must never be mixed up: *nothing more yet* and
 * *end of segment* are values; *corrupt* is this error.
 */

/** Every code that a damaged or unreadable commit log can have; the troubleshooting page is made from this table. */
export const CORRUPT_CODES = {
  descriptor_not_a_segment: 'check that the file is a commit-log segment (CommitLog-<version>-<id>.log)',
  descriptor_truncated: 'the file ends inside its header: wait until Cassandra has written it, or restore the file',
  descriptor_crc: 'the header is damaged: restore the file from a copy',
  descriptor_version: 'this commit-log version is not supported: use a release of the agent that names it',
  descriptor_id_mismatch: 'the id in the name is not the id in the header: the file was renamed or replaced',
  compression_unsupported: 'the segment names a compression class that is not one of LZ4, Snappy, Deflate, Zstd',
  encryption_key_missing: 'the segment is encrypted: give its key (--key-file, or source.encryption_key_file)',
  encryption_key_wrong: 'the key does not decrypt this segment: give the key of the alias that the header names',
  marker_crc: 'the sync marker is damaged: nothing behind it in this file can be trusted',
  marker_position: 'the sync marker points outside the file: the file was cut or damaged',
  section_decompress: 'the section does not decompress: it was skipped, reading went on at the next sync marker',
  section_decrypt: 'the section does not decrypt: it was skipped, reading went on at the next sync marker',
  section_length: 'the section lies about its length: it was skipped, reading went on at the next sync marker',
  entry_size: 'an entry has an impossible size: the rest of its section was skipped',
  entry_size_crc: 'the checksum of an entry\'s size does not match: the rest of its section was skipped',
  entry_truncated: 'an entry reaches past its section: the rest of the section was skipped',
  entry_crc: 'the checksum of an entry does not match: the entry was skipped, reading went on at the next entry',
  mutation_malformed: 'the entry\'s checksum holds but it does not decode against this schema: give the schema that was in force when it was written',
  unknown_column: 'the schema lacks a column that the entry names: give the schema that was in force, with its dropped_columns',
  value_invalid: 'a value does not fit its column\'s type: give the schema that was in force',
} as const;

export type CorruptCode = keyof typeof CORRUPT_CODES;

/** An error that names its kind, its place and what the reader of the message can do. */
export class CorruptError extends Error {
  override readonly name = 'CorruptError';
  readonly retryable = false;
  readonly code: CorruptCode;
  /** Position in the segment as `inspect --dump` counts it (file offset, or position in the uncompressed stream); -1 unknown. */
  readonly position: number;
  readonly fix: string;

  constructor(code: CorruptCode, position: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.position = position;
    this.fix = CORRUPT_CODES[code];
  }
}
