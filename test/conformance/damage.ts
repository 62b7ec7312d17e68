/** Copies of a segment, each damaged in one way at a place that the layout gives: not at random, so that the answer is known to matter. */
import { MAX_DESCRIPTOR_LENGTH, readDescriptor } from '../../parsers/index.js';

interface Section {
  /** File offsets of its marker and of the next. */
  readonly start: number;
  readonly end: number;
}

export interface DamagedCopy {
  readonly name: string;
  readonly bytes: Buffer;
}

const MARKER = 8;

export function damagedCopies(segment: Buffer): DamagedCopy[] {
  const { compression, encryption } = readDescriptor(segment.subarray(0, MAX_DESCRIPTOR_LENGTH));
  const sections = sectionsOf(segment);
  if (sections.length < 3) throw new Error('too few sections to damage');
  const [first, second, third] = sections;
  const isPlain = compression === null && encryption === null;
  const copies = [
    copy('header', segment, (bytes) => flip(bytes, 15)),
    copy('version', segment, (bytes) => flip(bytes, 3)),
    copy('marker-crc', segment, (bytes) => flip(bytes, second.start + 5)),
    copy('marker-behind-the-file', segment, (bytes) => bytes.writeInt32BE(bytes.length + 4, second.start)),
    copy('marker-before-itself', segment, (bytes) => bytes.writeInt32BE(second.start - 1, second.start)),
    { name: 'cut-in-a-section', bytes: segment.subarray(0, Math.floor((third.start + third.end) / 2)) },
    { name: 'cut-in-a-marker', bytes: segment.subarray(0, third.start + 3) },
    { name: 'cut-behind-a-section', bytes: segment.subarray(0, third.start) },
  ];
  return isPlain ? [...copies, ...entryDamage(segment, first.start + MARKER, second.start + MARKER)] : copies;
}

/** `first` and `second` are where entries begin. */
function entryDamage(segment: Buffer, first: number, second: number): DamagedCopy[] {
  const size = segment.readInt32BE(first);
  return [
    copy('two-mutations', segment, (bytes) => { flip(bytes, first + 8); flip(bytes, second + 9); }),
    copy('mutation-crc', segment, (bytes) => flip(bytes, first + 8 + size)),
    copy('size', segment, (bytes) => flip(bytes, first + 3)),
    copy('size-crc', segment, (bytes) => flip(bytes, first + 6)),
    copy('huge-size', segment, (bytes) => bytes.writeInt32BE(0x7fff_ffff, first)),
    copy('negative-size', segment, (bytes) => bytes.writeInt32BE(-1, first)),
    copy('size-of-nine', segment, (bytes) => bytes.writeInt32BE(9, first)),
  ];
}

function copy(name: string, segment: Buffer, damage: (bytes: Buffer) => unknown): DamagedCopy {
  const bytes = Buffer.from(segment);
  damage(bytes);
  return { name, bytes };
}

function flip(bytes: Buffer, at: number): void {
  bytes[at] ^= 0x40;
}

/** Sections with room for some entries. */
export function sectionsOf(segment: Buffer): Section[] {
  const sections: Section[] = [];
  for (let at = readDescriptor(segment.subarray(0, MAX_DESCRIPTOR_LENGTH)).length; at + MARKER <= segment.length; ) {
    const end = segment.readInt32BE(at);
    if (end <= at) break;
    if (end - at > 200) sections.push({ start: at, end });
    at = end;
  }
  return sections;
}
