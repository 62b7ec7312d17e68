/** A reading thread: parts of segments come in, lines go out. The entry point of a worker of its own. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { readSchemaFile } from '../inspect/schema-file.js';
import { readBuffer } from '../source/file-source.js';
import { segmentOf, type SegmentPart } from '../source/segment-parts.js';
import { PartLines } from './part-lines.js';
import { failureOf, type Failure, type PartMessage, type PartThreadData } from './part-messages.js';
import { RecordedLines } from './recorded-lines.js';
import { SharedChunks } from './shared-chunks.js';

function serve(port: MessagePort, data: PartThreadData): void {
  const partLines = new PartLines(new SharedChunks(data.memory), port);
  const lines = new RecordedLines(readSchemaFile(data.schema), partLines, partLines);
  const buffer = readBuffer();
  const read = async (part: SegmentPart): Promise<void> => {
    const pipeline = lines.of({ segments: segmentOf(part, buffer) });
    let failure: Failure | undefined;
    try {
      await pipeline.run();
    } catch (error) {
      failure = failureOf(error);
    }
    partLines.flush();
    port.postMessage({ kind: 'end', counts: pipeline.tally.counts(), position: pipeline.position, failure } satisfies PartMessage);
  };
  let before = Promise.resolve();
  port.on('message', (part: SegmentPart) => {
    before = before.then(() => read(part));
  });
}

if (parentPort === null) throw new Error('part-worker is started by parallel-pipeline');
serve(parentPort, workerData as PartThreadData);
