/** One timed pass from segments to the lines that `run` prints, by as many threads as it takes there. */
import { linePipeline } from '../../agent/pipeline/line-pipeline.js';
import type { LineSink } from '../../agent/publisher/line-sink.js';

export interface LinePass {
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  readonly events: number;
  readonly lineBytes: number;
}

/** Takes the lines and lets go of them. */
class CountingSink implements LineSink {
  lineBytes = 0;

  write(lines: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    this.lineBytes += lines.length;
    return Buffer.from(lines.buffer);
  }
}

export async function passOfLines(directory: string, schemaPath: string, threads?: number): Promise<LinePass> {
  const sink = new CountingSink();
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  const pipeline = linePipeline({ cdcRaw: directory, schema: schemaPath, isPacked: false, threads, sink });
  await pipeline.run();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuSeconds: (user + system) / 1e6, events: pipeline.tally.eventCount, lineBytes: sink.lineBytes };
}
