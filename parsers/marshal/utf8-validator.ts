/**
 * What Cassandra takes for UTF-8 (UTF8Serializer.UTF8Validator): all of UTF-8, and beyond it what its state machine lets
 * through: C0 80 (Java's modified null), surrogates (ED A0-BF), second bytes after E0 other than 80-9F, second bytes
 * after F0 with 30 in their bits, lead bytes F5-F7. The verdict decides whether an entry of the log is damaged, so the
 * leniency is kept as it is.
 */
const START = 0;
/** After C2-DF. */
const TWO = 1;
/** After C0. */
const TWO_80 = 2;
/** After E0. */
const THREE_A0BF = 3;
/** One continuation byte is missing. */
const LAST = 4;
/** Two are missing. */
const LAST_TWO = 5;
/** After F0. */
const FOUR_90BF = 6;
/** After F1-F7. */
const LAST_THREE = 7;
const INVALID = -1;

export function isCassandraUtf8(bytes: Buffer, start: number, end: number): boolean {
  let state = START;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (state !== START) state = next(state, byte);
    else if (byte > 0x7f) state = lead(byte);
    if (state === INVALID) return false;
  }
  return state === START;
}

function lead(byte: number): number {
  if (byte >> 5 === 0b110) {
    if (byte === 0xc0) return TWO_80;
    return (byte & 0x1e) === 0 ? INVALID : TWO;
  }
  if (byte >> 4 === 0b1110) return byte === 0xe0 ? THREE_A0BF : LAST_TWO;
  if (byte >> 3 === 0b11110) return byte === 0xf0 ? FOUR_90BF : LAST_THREE;
  return INVALID;
}

function next(state: number, byte: number): number {
  const continues = (byte & 0xc0) === 0x80;
  switch (state) {
    case TWO: return continues ? START : INVALID;
    case TWO_80: return byte === 0x80 ? START : INVALID;
    case THREE_A0BF: return (byte & 0xe0) === 0x80 ? INVALID : LAST;
    case LAST: return continues ? START : INVALID;
    case LAST_TWO: return continues ? LAST : INVALID;
    case FOUR_90BF: return (byte & 0x30) === 0 ? INVALID : LAST_TWO;
    case LAST_THREE: return continues ? LAST_TWO : INVALID;
    default: return INVALID;
  }
}
