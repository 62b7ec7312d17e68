/**
 * A CQL type as the commit log needs it: how long a value is, whether bytes are one, and how `SELECT JSON` prints them.
 * Mirrors org.apache.cassandra.db.marshal.AbstractType.
 *
 * Values are given as a buffer and two offsets, never as a slice: `[start, end)` of `bytes`.
 */
export interface JsonOptions {
  /** 64-bit integers (bigint, counter): JSON numbers with all digits, or strings. */
  readonly int64: 'number' | 'string';
  /** decimal and varint: JSON numbers with all digits, or strings. */
  readonly decimal: 'number' | 'string';
  readonly blob: 'hex' | 'base64';
  /** `cql` as Cassandra prints it (2026-11-22 10:00:00.000Z), ISO 8601, or milliseconds since 1970 as a number. */
  readonly timestamp: 'cql' | 'iso' | 'epoch_millis';
}

/** As `SELECT JSON` prints. */
export const CASSANDRA_JSON: JsonOptions = { int64: 'number', decimal: 'number', blob: 'hex', timestamp: 'cql' };

/** Java package of Cassandra's own types. */
export const MARSHAL_PACKAGE = 'org.apache.cassandra.db.marshal.';

/** The bytes are not a value of the type (TypeSerializer.validate, MarshalException). */
export class MarshalError extends Error {
  override readonly name = 'MarshalError';
}

export abstract class AbstractType {
  /** As Cassandra's toString(): full class name with parameters, e.g. `org.apache.cassandra.db.marshal.ListType(org.apache.cassandra.db.marshal.Int32Type)`. */
  abstract readonly className: string;
  /** As in system_schema.columns.type, e.g. `frozen<list<int>>`. */
  abstract readonly cqlName: string;
  /** Bytes of every non-empty value, -1 when a length is written before each (AbstractType.valueLengthIfFixed). */
  readonly valueLengthIfFixed: number = -1;
  /** A non-frozen collection or UDT: its elements are cells of their own (AbstractType.isMultiCell). */
  readonly isMultiCell: boolean = false;
  readonly isCounter: boolean = false;
  /** Clustering order DESC (ReversedType). */
  readonly isReversed: boolean = false;
  /** Type of a cell path of a multi-cell column: map key, set element, list timeuuid, UDT field position (smallint). */
  cellPathType(): AbstractType { throw new MarshalError(`${this.cqlName} is not a multi-cell type`); }
  /** Type of a cell's value in a multi-cell column; `pathStart..pathEnd` selects the field of a UDT. */
  cellValueType(_bytes: Buffer, _pathStart: number, _pathEnd: number): AbstractType { throw new MarshalError(`${this.cqlName} is not a multi-cell type`); }
  /** Throws MarshalError as Cassandra's validate does; zero-length input included. */
  abstract validate(bytes: Buffer, start: number, end: number): void;
  /**
   * As validate, for a value inside another one (TypeSerializer.validate): composites are checked only where they are a
   * column's whole value.
   */
  validateNested(bytes: Buffer, start: number, end: number): void { this.validate(bytes, start, end); }
  /** As validate, for the value of a cell: a counter's is its context of shards (AbstractType.validateCellValue). */
  validateCellValue(bytes: Buffer, start: number, end: number): void { this.validate(bytes, start, end); }
  /** JSON text of the value as AbstractType.toJSONString prints it; zero-length values as Cassandra does. */
  abstract toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string;
  /** The same type in one cell, all that is nested in it too (AbstractType.freeze). */
  freeze(): AbstractType { return this; }
  /** The class name, with or without FrozenType around what is frozen (AbstractType.toString(boolean)). */
  toClassName(_ignoreFreezing: boolean): string { return this.className; }
}
