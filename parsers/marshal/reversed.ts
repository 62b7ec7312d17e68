/** A clustering column in DESC order: the values are those of its base type. Mirrors ReversedType. */
import { AbstractType, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';

export class ReversedType extends AbstractType {
  override readonly isReversed = true;
  override readonly className: string;
  override readonly cqlName: string;
  override readonly valueLengthIfFixed: number;
  readonly baseType: AbstractType;

  constructor(baseType: AbstractType) {
    super();
    this.baseType = baseType;
    this.className = `${MARSHAL_PACKAGE}ReversedType(${baseType.className})`;
    this.cqlName = baseType.cqlName;
    this.valueLengthIfFixed = baseType.valueLengthIfFixed;
  }

  override validate(bytes: Buffer, start: number, end: number): void {
    this.baseType.validateNested(bytes, start, end);
  }

  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    return this.baseType.toJson(bytes, start, end, options);
  }
}
