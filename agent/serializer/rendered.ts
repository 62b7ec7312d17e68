/** JSON that is the same in many records, ready to be copied four bytes at a time. */

/** Longer ones are copied by a call. */
const LONGEST_IN_WORDS = 48;

export interface Rendered {
  readonly bytes: Uint8Array;
  /** Big-endian words of `bytes`, the last filled up with zeros; none where a call is cheaper. */
  readonly words: Int32Array;
}

export function rendered(json: string): Rendered {
  const bytes = Buffer.from(json);
  if (bytes.length > LONGEST_IN_WORDS) return { bytes, words: new Int32Array(0) };
  const padded = Buffer.concat([bytes, Buffer.alloc(3)]);
  return { bytes, words: Int32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => padded.readInt32BE(i * 4)) };
}
