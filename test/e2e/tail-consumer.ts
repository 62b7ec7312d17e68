/** When events become visible to a read_committed consumer that is not ours. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../helpers/project-root.js';
import { findJava, kafkaJars } from '../lab/index.js';

export class TailConsumer {
  /** Ms since 1970 when the event of this write time (microseconds) was first seen. */
  readonly seenAt = new Map<number, number>();
  /** All records, repeats too. */
  records = 0;
  readonly #child: ChildProcessWithoutNullStreams;

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
  }

  /** The topic must exist. */
  static async start(brokers: readonly string[], topic: string): Promise<TailConsumer> {
    const [java, jars] = await Promise.all([findJava(), kafkaJars()]);
    const child = spawn(java, ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, join(projectRoot, 'test/e2e/TailConsumer.java'), brokers.join(','), topic]);
    child.stderr.resume();
    const consumer = new TailConsumer(child);
    const lines = createInterface({ input: child.stdout });
    const ready = once(lines, 'line');
    lines.on('line', (line) => consumer.#take(line));
    await Promise.race([ready, once(child, 'exit').then(() => Promise.reject(new Error('the consumer has ended')))]);
    return consumer;
  }

  #take(line: string): void {
    if (line === 'ready') return;
    const [at, ...times] = line.split(' ').map(Number);
    this.records += times.length;
    for (const time of times) if (!this.seenAt.has(time)) this.seenAt.set(time, at);
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
