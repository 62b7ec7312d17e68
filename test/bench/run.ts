/**
 * `npm run bench`: the same rows read by ours and by Cassandra's own CommitLogReader, each one thread on the same core,
 * both warmed, in turns; medians with their spread, and the ratio of the medians. Then to JSON events, by one thread on
 * that core, and as `run` does it, by a thread for each. Exit 1 when a bar is missed.
 */
import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { fileURLToPath } from 'node:url';
import { cassandraVersion, type CassandraVersion } from '../lab/versions.js';
import { javaCommand } from '../oracle/java.js';
import { MODES, benchData, schemaPath, type Mode } from './data.js';
import type { EventPass } from './event-pass.js';
import type { LinePass } from './line-pass.js';
import { machineLines, pinned } from './machine.js';
import { spread, spreadText, type Spread } from './statistics.js';
import { Subject } from './subject.js';
import { requireEqual, type Pass } from './totals.js';

/** Ours over Cassandra's. */
const BARS: Readonly<Record<Mode, number>> = { plain: 2, LZ4: 1, Snappy: 1, Deflate: 1, Zstd: 1 };
/** Thousand events per second, from plain segments to the JSON lines that `run` prints. */
const EVENTS_BAR = 300;
const WARM_UP_PASSES = 2;

interface Options {
  readonly runs: string;
  readonly mib: string;
  readonly modes: string[];
  readonly cassandra: string;
}

async function main(): Promise<void> {
  const { runs, mib, modes, cassandra } = new Command('bench')
    .option('--runs <n>', 'measured passes of each reader', '7')
    .option('--mib <n>', 'size of the data', '256')
    .addOption(new Option('--modes <mode...>').choices(MODES).default(MODES, 'all'))
    .option('--cassandra <version>', 'whose reader to compare with', '5.0')
    .parse().opts<Options>();
  const version = cassandraVersion(cassandra);
  const data = await benchData(version, Number(mib), modes as Mode[]);
  for (const line of machineLines(version)) console.log(line);
  const subjects = await start(version);
  let missed = 0;
  try {
    for (const [mode, directory] of data) {
      if (!await compare(mode, { ...subjects, directory, runs: Number(runs) })) missed++;
    }
    const plain = data.get('plain');
    if (plain !== undefined) {
      await subjects.ours.close();
      // A process of its own: one that only walked rows was compiled for that.
      subjects.ours = startOurs();
      await measureEvents({ ...subjects, directory: plain, runs: Number(runs) });
      await subjects.ours.close();
      subjects.ours = startOurs([]);
      if (!await measureLines({ ...subjects, directory: plain, runs: Number(runs) })) missed++;
    }
  } finally {
    await Promise.all([subjects.ours.close(), subjects.cassandras.close()]);
  }
  console.log(missed === 0 ? 'all bars reached' : `${missed} bars missed`);
  process.exitCode = missed === 0 ? 0 : 1;
}

interface Subjects {
  ours: Subject;
  readonly cassandras: Subject;
}

async function start(version: CassandraVersion): Promise<Subjects> {
  const prefix = pinned();
  console.log(prefix.length > 0 ? `pinned    all on one core (${prefix.join(' ')})` : 'pinned    no: taskset is not there');
  const java = await javaCommand({ version, main: 'ReadBench', args: ['--schema', schemaPath], prefix });
  return { ours: startOurs(), cassandras: new Subject("Cassandra's reader", java) };
}

function startOurs(prefix = pinned()): Subject {
  const reader = fileURLToPath(new URL(`reader${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  return new Subject('our reader', [...prefix, process.execPath, ...process.execArgv, reader, schemaPath]);
}

interface Comparison extends Subjects {
  readonly directory: string;
  readonly runs: number;
}

interface Timed {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

interface Turn<T extends Timed> {
  readonly ours: T;
  readonly cassandras: Pass;
}

/** Passes of both in turns, after the warm-up: `line` says to ours what to do, Cassandra's walks the rows. `check` throws when it was not equal work. */
async function inTurns<T extends Timed>({ ours, cassandras, directory, runs }: Comparison, line: string, check: (ours: T, cassandras: Pass) => void): Promise<Turn<T>[]> {
  const turns: Turn<T>[] = [];
  for (let run = -WARM_UP_PASSES; run < runs; run++) {
    const turn = { ours: await ours.pass<T>(line), cassandras: await cassandras.pass<Pass>(directory) };
    check(turn.ours, turn.cassandras);
    if (run >= 0) turns.push(turn);
  }
  return turns;
}

/** Of the medians: how many times as fast ours is. */
function ratioOf(turns: readonly Turn<Timed>[], of: keyof Timed): number {
  return spread(turns.map(({ cassandras }) => cassandras[of])).median / spread(turns.map(({ ours }) => ours[of])).median;
}

/** Whether the bar was reached. */
async function compare(mode: Mode, comparison: Comparison): Promise<boolean> {
  const turns = await inTurns<Pass>(comparison, comparison.directory, (ours, cassandras) => requireEqual(mode, ours, cassandras));
  const ratio = ratioOf(turns, 'seconds');
  const isReached = ratio >= BARS[mode];
  const { bytes, rows, cells, valueBytes, checksum } = turns[0].ours;
  console.log(`\n${mode}: ${(bytes / 1048576).toFixed(0)} MiB of entries, ${rows} rows, ${cells} cells, ${valueBytes} bytes of keys and values, checksum ${checksum} from both`);
  for (const [name, whose] of [['ours', 'ours'], ["Cassandra's", 'cassandras']] as const) {
    const rate = spread(turns.map((turn) => bytes / 1048576 / turn[whose].seconds));
    console.log(`  ${name.padEnd(12)} ${spreadText(rate).padEnd(24)} MiB/s  ${spreadText(thousands(rows, turns, whose), 0).padEnd(20)} thousand rows/s`);
  }
  console.log(`  ratio of medians ${ratio.toFixed(2)}, bar ${BARS[mode].toFixed(1)}: ${isReached ? 'reached' : 'MISSED'} (of processor times: ${ratioOf(turns, 'cpuSeconds').toFixed(2)})`);
  return isReached;
}

/** From plain segments to JSON records, by one thread on the core of Cassandra's reader, which tells how fast the machine is. */
async function measureEvents(comparison: Comparison): Promise<void> {
  const turns = await inTurns<EventPass>(comparison, `events ${comparison.directory}`, ({ events }, { rows }) => requireEvents(events, rows));
  const { events, recordBytes } = turns[0].ours;
  console.log(`\nto JSON events, one thread: ${events} events, ${(recordBytes / events).toFixed(0)} bytes of key and value each`);
  console.log(`  ours         ${spreadText(thousands(events, turns, 'ours'), 0)} thousand events/s`);
  console.log(`  Cassandra's  ${spreadText(thousands(events, turns, 'cassandras'), 0)} thousand rows/s, which it only walks`);
  console.log(`  ratio of medians ${ratioOf(turns, 'seconds').toFixed(2)} (of processor times: ${ratioOf(turns, 'cpuSeconds').toFixed(2)})`);
}

/** From plain segments to the lines that `run` prints, by as many threads. Whether the bar was reached, by the clock. */
async function measureLines(comparison: Comparison): Promise<boolean> {
  const turns = await inTurns<LinePass>(comparison, `lines ${comparison.directory}`, ({ events }, { rows }) => requireEvents(events, rows));
  const { events, lineBytes } = turns[0].ours;
  const rate = spread(turns.map(({ ours }) => ours.eventsMeasured / 1000 / ours.seconds));
  const isReached = rate.median >= EVENTS_BAR;
  console.log(`\nto JSON events, as \`run\` prints them, ${availableParallelism()} threads: ${events} lines of ${(lineBytes / events).toFixed(0)} bytes; the first segment warms up`);
  console.log(`  ours         ${spreadText(rate, 0)} thousand events/s, bar ${EVENTS_BAR}: ${isReached ? 'reached' : 'MISSED'}`);
  console.log(`  processor    ${spread(turns.map(({ ours }) => ours.cpuSeconds / ours.eventsMeasured * 1e6)).median.toFixed(1)} µs an event`);
  console.log(`  Cassandra's  ${spreadText(thousands(events, turns, 'cassandras'), 0)} thousand rows/s, one thread, which it only walks`);
  return isReached;
}

function requireEvents(events: number, rows: number): void {
  if (events !== rows) throw new Error(`${events} events of ${rows} rows`);
}

function thousands(count: number, turns: readonly Turn<Timed>[], whose: keyof Turn<Timed>): Spread {
  return spread(turns.map((turn) => count / 1000 / turn[whose].seconds));
}

await main();
