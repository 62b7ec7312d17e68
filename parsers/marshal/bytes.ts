/** blob, and whatever is printed like one. Mirrors BytesType, EmptyType and PartitionerDefinedOrder. */
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';

/** `"0x…"` as Cassandra prints blobs, or base64. */
export function blobJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
  return options.blob === 'base64' ? '"' + bytes.base64Slice(start, end) + '"' : '"0x' + bytes.hexSlice(start, end) + '"';
}

export class BytesType extends AbstractType {
  static readonly instance = new BytesType();
  override readonly className = MARSHAL_PACKAGE + 'BytesType';
  override readonly cqlName = 'blob';

  override validate(): void {
    // all bytes are legal
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    return blobJson(bytes, start, end, options);
  }
}

/** Zero bytes: the value of set elements, and the only column of compact tables without values. */
export class EmptyType extends AbstractType {
  static readonly instance = new EmptyType();
  override readonly className = MARSHAL_PACKAGE + 'EmptyType';
  override readonly cqlName = 'empty';
  override readonly valueLengthIfFixed = 0;

  override validate(_bytes: Buffer, start: number, end: number): void {
    if (end !== start) throw new MarshalError('EmptyType only accepts empty values');
  }

  override toJson(): string {
    return '""';
  }
}

/**
 * A type that only Cassandra's class path knows: a class of somebody's own, or PartitionerDefinedOrder (keys of local
 * index tables). Its bytes are taken as a blob, of variable length as AbstractType has it unless overridden: a custom
 * class of fixed length can't be told from its name, and the rows of its table won't decode.
 */
export class CustomType extends AbstractType {
  override readonly className: string;
  override readonly cqlName: string;

  constructor(className: string) {
    super();
    this.className = className;
    this.cqlName = `'${className}'`;
  }

  override validate(): void {
    // unknown: nothing to hold the bytes against
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    return blobJson(bytes, start, end, options);
  }
}
