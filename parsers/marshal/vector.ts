/**
 * vector<type, n>: exactly n elements, none null (Cassandra 5.0). Mirrors VectorType.
 *
 *   <vector of fixed-length elements> is {n * length bytes}
 *   <vector of others>                is (<length:unsigned vint>{length bytes}){n}
 */
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';

export class VectorType extends AbstractType {
  override readonly className: string;
  override readonly cqlName: string;
  override readonly valueLengthIfFixed: number;
  readonly elements: AbstractType;
  readonly dimension: number;

  constructor(elements: AbstractType, dimension: number) {
    super();
    if (!Number.isInteger(dimension) || dimension <= 0 || dimension > 0x7fffffff) throw new MarshalError(`vectors may only have positive dimensions; given ${dimension}`);
    this.elements = elements;
    this.dimension = dimension;
    this.className = this.toClassName(false);
    this.cqlName = `vector<${elements.cqlName}, ${dimension}>`;
    this.valueLengthIfFixed = elements.valueLengthIfFixed < 0 ? -1 : elements.valueLengthIfFixed * dimension;
  }

  override toClassName(ignoreFreezing: boolean): string {
    return `${MARSHAL_PACKAGE}VectorType(${this.elements.toClassName(ignoreFreezing)} , ${this.dimension})`;
  }

  /**
   * Cassandra's reader of the log works on byte arrays, where the last element of variable length may reach past the
   * value: it pads it with zeros, and fails when it prints the vector. Here that is invalid from the start.
   */
  override validate(bytes: Buffer, start: number, end: number): void {
    if (end === start) throw new MarshalError('Invalid empty vector value');
    const fixed = this.elements.valueLengthIfFixed;
    let at = start;
    for (let i = 0; i < this.dimension; i++) {
      const length = fixed < 0 ? valueLength(bytes, at, end) : fixed;
      const from = fixed < 0 ? at + lengthBytes(length) : at;
      const next = from + length;
      if (next > end) throw new MarshalError(`Not enough bytes to read a ${this.cqlName}`);
      this.elements.validateNested(bytes, from, next);
      at = next;
    }
    if (at !== end) throw new MarshalError(`Unexpected ${end - at} extraneous bytes after ${this.cqlName} value`);
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    const fixed = this.elements.valueLengthIfFixed;
    let text = '[';
    let at = start;
    for (let i = 0; i < this.dimension; i++) {
      const length = fixed < 0 ? valueLength(bytes, at, end) : fixed;
      const from = fixed < 0 ? at + lengthBytes(length) : at;
      const next = from + length;
      if (next > end) throw new MarshalError(`Not enough bytes to read a ${this.cqlName}`);
      if (i > 0) text += ', ';
      text += this.elements.toJson(bytes, from, next, options);
      at = next;
    }
    return text + ']';
  }
}

/** The unsigned vint at `at`; one beyond int32 can't be a length. */
function valueLength(bytes: Buffer, at: number, end: number): number {
  const extra = at < end ? Math.clz32(~(bytes[at] << 24)) : end;
  if (extra >= end - at) throw new MarshalError('Not enough bytes to read the length of an element of a vector');
  let length = extra >= 8 ? 0 : bytes[at] & (0xff >> extra);
  for (let i = 1; i <= extra; i++) length = length * 256 + bytes[at + i];
  if (length > 0x7fffffff) throw new MarshalError(`An element of a vector can't have ${length} bytes`);
  return length;
}

/** Bytes of a length as Cassandra writes it. It steps over so many, also where the length was written in more. */
function lengthBytes(length: number): number {
  return length < 0x80 ? 1 : Math.ceil((32 - Math.clz32(length)) / 7);
}
