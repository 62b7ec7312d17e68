/**
 * `npm run test:fuzz -- [--count 10000000] [--seed N] [--from N] [--json]`: damaged segments by the million. The work is done in a
 * worker, so that a case that never ends is seen from outside and named. Exit 1 when anything was found.
 */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { runSeed } from '../helpers/random.js';
import { emptyReport, FuzzSession } from './session.js';
import type { Original } from './corpus.js';
import type { SessionReport } from './session.js';

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  /** Number of the first case. */
  readonly from: number;
}

export interface FuzzResult {
  readonly report: SessionReport;
  readonly corpus: string;
  /** Most memory that the process had, and what it had before the first case: the corpus and its making. */
  readonly maxRssMiB: number;
  readonly baseRssMiB: number;
  readonly seconds: number;
  /** The case that did not come back, if one did not. */
  readonly stuck: number | null;
}

/** Wall time without an answer after which a case counts as endless; the one-second limit itself is CPU time. */
const STUCK_MS = 60_000;

/** V8's, MiB: room for the corpus, and no more garbage than reading needs. Beyond it the worker ends with an error. */
const HEAP = { maxOldGenerationSizeMb: 120, maxYoungGenerationSizeMb: 24 };

type Answer = Pick<FuzzResult, 'report' | 'corpus' | 'baseRssMiB'>;
type Message = { readonly progress: number } | Answer;

export async function fuzz(options: FuzzOptions, onProgress: (done: number) => void = () => undefined): Promise<FuzzResult> {
  const started = Date.now();
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { ...options, clock }, resourceLimits: HEAP });
  let last = { index: -1, at: Date.now() };
  let stuck: number | null = null;
  const watch = setInterval(() => {
    const index = Atomics.load(clock, 0);
    if (index !== last.index) last = { index, at: Date.now() };
    else if (index > 0 && Date.now() - last.at > STUCK_MS) {
      stuck = options.from + index - 1;
      void worker.terminate();
    }
  }, 500);
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.on('message', (message: Message) => {
        if ('progress' in message) onProgress(message.progress);
        else resolve(message);
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve({ report: emptyReport(), corpus: 'unknown', baseRssMiB: 0 }));
    });
    return { ...answer, maxRssMiB: maxRss(), seconds: (Date.now() - started) / 1000, stuck };
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

function maxRss(): number {
  return process.resourceUsage().maxRSS / 1024;
}

async function work(): Promise<void> {
  const { count, seed, from, clock } = workerData as FuzzOptions & { readonly clock: Int32Array };
  const session = new FuzzSession(seed);
  const baseRssMiB = maxRss();
  for (let i = 0; i < count; i++) {
    Atomics.store(clock, 0, i + 1);
    session.run(from + i);
    // zlib closes its streams in turns of the event loop only.
    if (i % 100 === 99) await setImmediate();
    if (i % 10_000 === 9_999) parentPort?.postMessage({ progress: i + 1 });
  }
  parentPort?.postMessage({ report: session.report, corpus: fingerprint(session.originals), baseRssMiB });
}

/** What a seed means depends on the segments that it is applied to. */
function fingerprint(originals: readonly Original[]): string {
  const hash = createHash('sha256');
  for (const { name, file } of originals) hash.update(name).update(file);
  return `${originals.length} segments, ${hash.digest('hex').slice(0, 12)}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { count: { type: 'string' }, seed: { type: 'string' }, from: { type: 'string' }, json: { type: 'boolean' } } });
  const options = { count: Number(values.count ?? 100_000), seed: Number(values.seed ?? runSeed()), from: Number(values.from ?? 0) };
  if (!Object.values(options).every(Number.isInteger)) {
    console.error('usage: npm run test:fuzz -- [--count N] [--seed N] [--from N] [--json]');
    process.exitCode = 64;
    return;
  }
  if (values.json === true) {
    console.log(JSON.stringify(await fuzz(options)));
    return;
  }
  console.log(`fuzz: ${options.count} damaged segments, seed ${options.seed}, from case ${options.from}`);
  const result = await fuzz(options, (done) => {
    if (done % 100_000 === 0) console.log(`  ${done}`);
  });
  const { report, corpus, maxRssMiB, baseRssMiB, seconds, stuck } = result;
  for (const [name, { cases, reported, entries }] of Object.entries(report.operations).sort()) {
    console.log(`  ${name.padEnd(52)} ${String(cases).padStart(8)} cases ${String(reported).padStart(8)} reported ${String(entries).padStart(10)} entries`);
  }
  for (const { index, kind, operation, original, message } of report.findings) console.log(`FOUND ${kind} in case ${index} (${operation} of ${original}): ${message}`);
  if (stuck !== null) console.log(`FOUND hang: case ${stuck} did not come back`);
  console.log(`fuzz: ${report.cases} cases in ${seconds.toFixed(0)} s, ${report.findings.length} findings; slowest ${report.slowestMs.toFixed(0)} ms: ${report.slowest}; at most ${maxRssMiB.toFixed(0)} MiB, ${baseRssMiB.toFixed(0)} of them before the first case; corpus ${corpus}; seed ${options.seed}`);
  if (report.findings.length > 0 || stuck !== null) {
    console.log(`repeat a case: npm run test:fuzz -- --seed ${options.seed} --from CASE --count 1`);
    process.exitCode = 1;
  }
}

if (!isMainThread) {
  if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href || (workerData as { clock?: unknown } | null)?.clock !== undefined) await work();
} else if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main();
