/** A reading thread: parts of segments come in, lines go out. The entry point of a worker of its own. */
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { readSchemaFile } from '../inspect/schema-file.js';
import type { LineSink } from '../publisher/line-sink.js';
import { readBuffer } from '../source/file-source.js';
import { segmentOf, type SegmentPart } from '../source/segment-parts.js';
import { failureOf, type Failure, type PartMessage, type PartThreadData } from './part-messages.js';
import { RecordedLines } from './recorded-lines.js';

/** Sends lines to the thread that writes them, and waits, as a whole, while that one has enough. */
class PostedLines implements LineSink {
  readonly #port: MessagePort;
  readonly #data: PartThreadData;

  constructor(port: MessagePort, data: PartThreadData) {
    this.#port = port;
    this.#data = data;
  }

  write(lines: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    const { pieces, mostPieces, taken } = this.#data;
    const size = lines.buffer.byteLength;
    for (let sent = Atomics.load(pieces, 0); sent >= mostPieces; sent = Atomics.load(pieces, 0)) Atomics.wait(pieces, 0, sent);
    Atomics.add(pieces, 0, 1);
    this.#port.postMessage({ kind: 'piece', lines } satisfies PartMessage, [lines.buffer]);
    const back = receiveMessageOnPort(taken) as { readonly message: ArrayBuffer } | undefined;
    return back === undefined ? Buffer.allocUnsafeSlow(size) : Buffer.from(back.message);
  }
}

function serve(port: MessagePort, data: PartThreadData): void {
  const lines = new RecordedLines(readSchemaFile(data.schema), new PostedLines(port, data));
  const buffer = readBuffer();
  const read = async (part: SegmentPart): Promise<void> => {
    const pipeline = lines.of({ segments: segmentOf(part, buffer) });
    let failure: Failure | undefined;
    try {
      await pipeline.run();
    } catch (error) {
      failure = failureOf(error);
    }
    port.postMessage({ kind: 'end', counts: pipeline.tally.counts(), position: pipeline.position, failure } satisfies PartMessage);
  };
  let before = Promise.resolve();
  port.on('message', (part: SegmentPart) => {
    before = before.then(() => read(part));
  });
}

if (parentPort === null) throw new Error('part-worker is started by parallel-pipeline');
serve(parentPort, workerData as PartThreadData);
