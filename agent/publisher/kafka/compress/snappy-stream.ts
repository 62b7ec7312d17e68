/**
 * Snappy as Kafka's consumers read it: org.xerial.snappy.SnappyInputStream.
 *
 *   <stream> is <magic: 82 'SNAPPY' 00><version:int32 = 1><compatible:int32 = 1>(<length:int32><raw Snappy block>)*
 */
import { compress } from 'snappyjs';

const HEADER = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]);
/** What SnappyOutputStream takes by default, as the broker's own reader reserves it. */
const BLOCK_BYTES = 32 << 10;

export function compressSnappyStream(input: Buffer): Buffer {
  const parts: Uint8Array[] = [HEADER];
  for (let from = 0; from < input.length; from += BLOCK_BYTES) {
    const block = compress(input.subarray(from, from + BLOCK_BYTES));
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}
