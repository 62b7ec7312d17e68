/** One timed pass from segments to the lines that `run` prints, by as many threads as it takes there, compiled as there. */
import { linePipeline } from '../../agent/pipeline/line-pipeline.js';
import type { LineSink } from '../../agent/publisher/line-sink.js';
import { inlineHotPath } from '../../agent/service/compiler.js';

export interface LinePass {
  /** From the end of the first segment, which warms the threads up, to the end of the last. */
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  readonly events: number;
  readonly eventsMeasured: number;
  readonly lineBytes: number;
}

/** Takes the lines and lets go of them. */
class CountingSink implements LineSink {
  lineBytes = 0;

  write(lines: Buffer): undefined {
    this.lineBytes += lines.length;
  }
}

export async function passOfLines(directory: string, schemaPath: string): Promise<LinePass> {
  inlineHotPath();
  const sink = new CountingSink();
  let begun: { readonly at: bigint; readonly cpu: NodeJS.CpuUsage; readonly events: number } | undefined;
  const pipeline = linePipeline({
    cdcRaw: directory, schema: schemaPath, isPacked: false, threads: undefined, sink,
    onSegment: () => { begun ??= { at: process.hrtime.bigint(), cpu: process.cpuUsage(), events: pipeline.tally.eventCount }; },
  });
  await pipeline.run();
  if (begun === undefined) throw new Error(`${directory} holds no segment`);
  const seconds = Number(process.hrtime.bigint() - begun.at) / 1e9;
  const { user, system } = process.cpuUsage(begun.cpu);
  const events = pipeline.tally.eventCount;
  return { seconds, cpuSeconds: (user + system) / 1e6, events, eventsMeasured: events - begun.events, lineBytes: sink.lineBytes };
}
