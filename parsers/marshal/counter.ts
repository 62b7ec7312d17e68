/**
 * counter: in a cell, a context of shards; elsewhere a bigint. Mirrors CounterColumnType and CounterContext.
 *
 *   <context> is <count:int16><index:int16>{|count|}<shard>*
 *   <shard>   is <counter id:16 bytes><clock:int64><count:int64>
 *
 * The log holds the leader's shard (its running total), not the delta that the client asked for.
 */
import { int64ToString } from '../io/int64.js';
import { AbstractType, MarshalError, MARSHAL_PACKAGE, type JsonOptions } from './abstract-type.js';
import { checkLength, emptyJson } from './length.js';

const SHARD = 32;
const COUNT_IN_SHARD = 24;

export class CounterColumnType extends AbstractType {
  static readonly instance = new CounterColumnType();
  override readonly className = MARSHAL_PACKAGE + 'CounterColumnType';
  override readonly cqlName = 'counter';
  override readonly isCounter = true;

  override validate(_bytes: Buffer, start: number, end: number): void {
    checkLength(this, 8, start, end);
  }

  override validateCellValue(bytes: Buffer, start: number, end: number): void {
    if ((end - start - headerLength(bytes, start, end)) % SHARD !== 0) throw new MarshalError('Invalid size for a counter context');
  }

  /** Eight bytes are a count as clients get it, anything longer a context, whose shards are summed up. */
  override toJson(bytes: Buffer, start: number, end: number, options: JsonOptions): string {
    if (end - start === 8) return print(bytes.readInt32BE(start), bytes.readInt32BE(start + 4), options);
    if (end === start) return emptyJson(this, start, end);
    let hi = 0;
    let lo = 0;
    const first = start + headerLength(bytes, start, end);
    for (let at = first; at + SHARD <= end; at += SHARD) {
      const sum = (lo >>> 0) + bytes.readUInt32BE(at + COUNT_IN_SHARD + 4);
      hi = (hi + bytes.readInt32BE(at + COUNT_IN_SHARD) + (sum > 0xffffffff ? 1 : 0)) | 0;
      lo = sum | 0;
    }
    return print(hi, lo, options);
  }
}

function print(hi: number, lo: number, options: JsonOptions): string {
  const digits = int64ToString(hi, lo);
  return options.int64 === 'string' ? '"' + digits + '"' : digits;
}

function headerLength(bytes: Buffer, start: number, end: number): number {
  if (end - start < 2) throw new MarshalError(`Expected at least 2 bytes for a counter context (${end - start})`);
  return 2 + 2 * Math.abs(bytes.readInt16BE(start));
}
