/** Kafka's frames on a TCP stream: `<size:int32><bytes>`. */

const SIZE_BYTES = 4;
const LARGEST = 256 << 20;

export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** Complete frames, each with its size in front. */
  push(chunk: Buffer): Buffer[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    while (bytes.length >= SIZE_BYTES) {
      const size = bytes.readInt32BE(0);
      if (size < 0 || size > LARGEST) throw new RangeError(`no Kafka frame: size ${size}`);
      if (bytes.length < SIZE_BYTES + size) break;
      frames.push(bytes.subarray(0, SIZE_BYTES + size));
      bytes = bytes.subarray(SIZE_BYTES + size);
    }
    this.#rest = bytes;
    return frames;
  }
}

export interface RequestHead {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

export function requestHead(frame: Buffer): RequestHead {
  return { apiKey: frame.readInt16BE(4), apiVersion: frame.readInt16BE(6), correlationId: frame.readInt32BE(8) };
}

export function answerCorrelation(frame: Buffer): number {
  return frame.readInt32BE(4);
}

/** API keys by name, as far as a producer uses them. */
export const API = {
  Produce: 0, Metadata: 3, OffsetFetch: 9, FindCoordinator: 10, ApiVersions: 18, InitProducerId: 22, AddPartitionsToTxn: 24, AddOffsetsToTxn: 25,
  EndTxn: 26, TxnOffsetCommit: 28,
} as const;
export type ApiName = keyof typeof API;

const REWRITABLE = { from: 1, to: 8 };

/**
 * A Metadata answer (v1 to v8) with other broker addresses:
 *   <size><correlation:int32>[v3+: <throttle:int32>]<count:int32>(<node:int32><host:string><port:int32><rack:nullable string>)*<rest>
 */
export function rewriteMetadata(frame: Buffer, version: number, addressOf: (host: string, port: number) => { readonly host: string; readonly port: number }): Buffer {
  if (version < REWRITABLE.from || version > REWRITABLE.to) throw new RangeError(`Metadata v${version} can't be rewritten`);
  let at = 8 + (version >= 3 ? 4 : 0);
  const parts: Buffer[] = [frame.subarray(4, at + 4)];
  const brokers = frame.readInt32BE(at);
  at += 4;
  for (let broker = 0; broker < brokers; broker++) {
    const node = frame.subarray(at, at + 4);
    const hostLength = frame.readInt16BE(at + 4);
    const host = frame.toString('utf8', at + 6, at + 6 + hostLength);
    at += 6 + hostLength;
    const port = frame.readInt32BE(at);
    const rackLength = Math.max(0, frame.readInt16BE(at + 4));
    const rack = frame.subarray(at + 4, at + 6 + rackLength);
    at += 6 + rackLength;
    const other = addressOf(host, port);
    const fixed = Buffer.alloc(2 + other.host.length + 4);
    fixed.writeInt16BE(other.host.length, 0);
    fixed.write(other.host, 2);
    fixed.writeInt32BE(other.port, 2 + other.host.length);
    parts.push(node, fixed, rack);
  }
  parts.push(frame.subarray(at));
  const body = Buffer.concat(parts);
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}
