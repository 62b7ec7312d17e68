/** Bytes of a segment, wherever they are: the parser does no I/O of its own. */
export interface SegmentSource {
  /** Bytes in the file now; may grow. */
  size(): number;
  /** `length` bytes from `position`, all of them within `size()`. Valid until the next call. */
  read(position: number, length: number): Buffer;
}

/** A segment that is in memory already. */
export function memorySource(bytes: Buffer): SegmentSource {
  return { size: () => bytes.length, read: (position, length) => bytes.subarray(position, position + length) };
}
