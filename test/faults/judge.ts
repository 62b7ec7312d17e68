/**
 * The judge: what a read_committed consumer that is not our code sees, compared with what the writer says it wrote.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { projectRoot } from '../helpers/project-root.js';
import { findJava, kafkaJars } from '../lab/index.js';

export interface ConsumedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
}

/** One JVM with Kafka's own consumer, asked topic by topic. */
export class JudgeConsumer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #stderr = '';

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#reader = createInterface({ input: child.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-4000)));
  }

  static async start(brokers: readonly string[]): Promise<JudgeConsumer> {
    const [java, jars] = await Promise.all([findJava(), kafkaJars()]);
    const source = join(projectRoot, 'test/faults/JudgeConsumer.java');
    return new JudgeConsumer(spawn(java, ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', `${jars}/*`, source, brokers.join(',')]));
  }

  /** Everything that is committed in the topic now. */
  async read(topic: string, isolation: 'committed' | 'uncommitted' = 'committed'): Promise<ConsumedRecord[]> {
    this.#child.stdin.write(`${topic}\t${isolation}\n`);
    const records: ConsumedRecord[] = [];
    for (;;) {
      const next = await this.#lines.next();
      if (next.done === true) throw new Error(`the judge's consumer has ended: ${this.#stderr}`);
      const [first, ...rest] = next.value.split('\t');
      if (first === 'error') throw new Error(`the judge's consumer: ${rest.join(' ')}`);
      if (first === 'end') {
        if (Number(rest[0]) !== records.length) throw new Error(`the judge's consumer wrote ${rest[0]} records, ${records.length} arrived`);
        return records;
      }
      const [offset, key, value, timestamp, headers] = rest;
      records.push({ partition: Number(first), offset: Number(offset), key: bytes(key), value: bytes(value), timestamp: Number(timestamp), headers: headerList(headers) });
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
    await ended;
    this.#reader.close();
  }
}

function bytes(hex: string): Buffer | null {
  return hex === 'null' ? null : Buffer.from(hex, 'hex');
}

function headerList(text: string): [string, Buffer | null][] {
  return text.split(',').filter((each) => each !== '').map((each) => {
    const [name, value] = each.split('=');
    return [Buffer.from(name, 'hex').toString(), bytes(value)];
  });
}

/** One event, told apart from all others by `id`, in order by `order` within its key. */
export interface JudgedEvent {
  readonly key: string;
  readonly id: string;
}

export interface Verdict {
  /** Acknowledged and not seen. */
  readonly lost: readonly string[];
  /** Seen more than once. */
  readonly duplicated: readonly string[];
  /** Seen and never written. */
  readonly unknown: readonly string[];
  /** Keys whose events came in another order than they were written, or to several partitions. */
  readonly disordered: readonly string[];
  readonly seen: number;
}

export interface SeenEvent extends JudgedEvent {
  readonly partition: number;
  readonly offset: number;
}

/** `written`: in the order of writing; `seen`: in any order. */
export function judge(written: readonly JudgedEvent[], seen: readonly SeenEvent[]): Verdict {
  const expected = new Map(written.map(({ id, key }, order) => [id, { key, order }]));
  const counts = new Map<string, number>();
  const places = new Map<string, { partition: number; last: number }>();
  const disordered = new Set<string>();
  const unknown: string[] = [];
  for (const { id, key, partition } of [...seen].sort((a, b) => a.partition - b.partition || a.offset - b.offset)) {
    const wanted = expected.get(id);
    if (wanted?.key !== key) {
      unknown.push(id);
      continue;
    }
    counts.set(id, (counts.get(id) ?? 0) + 1);
    const place = places.get(key);
    if (place !== undefined && (place.partition !== partition || place.last > wanted.order)) disordered.add(key);
    places.set(key, { partition, last: wanted.order });
  }
  return {
    lost: [...expected.keys()].filter((id) => !counts.has(id)),
    duplicated: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
    unknown,
    disordered: [...disordered],
    seen: seen.length,
  };
}

/** For one-line comparison: a run without fault has 0 everywhere. */
export function tally({ lost, duplicated, unknown, disordered }: Verdict): { lost: number; duplicated: number; unknown: number; disordered: number } {
  return { lost: lost.length, duplicated: duplicated.length, unknown: unknown.length, disordered: disordered.length };
}

export const NO_FAULT = { lost: 0, duplicated: 0, unknown: 0, disordered: 0 };
