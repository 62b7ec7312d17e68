/**
 * `npm run bench`: the same rows read by ours and by Cassandra's own CommitLogReader, each one thread on the same core,
 * both warmed, in turns; medians with their spread, and the ratio of the medians. Exit 1 when a bar is missed.
 */
import { Command, Option } from 'commander';
import { fileURLToPath } from 'node:url';
import { cassandraVersion, type CassandraVersion } from '../lab/versions.js';
import { javaCommand } from '../oracle/java.js';
import { MODES, benchData, schemaPath, type Mode } from './data.js';
import type { EventPass } from './event-pass.js';
import { machineLines, pinned } from './machine.js';
import { spread, spreadText } from './statistics.js';
import { Subject } from './subject.js';
import { requireEqual, type Pass } from './totals.js';

/** Ours over Cassandra's. */
const BARS: Readonly<Record<Mode, number>> = { plain: 2, LZ4: 1, Snappy: 1, Deflate: 1, Zstd: 1 };
/**
 * From plain segments to JSON records, in thousands a second: asked for on a machine whose one core takes Cassandra's reader
 * through so many rows of the same kind. Elsewhere, and on one that others share, the ratio of the two says whether it is reached.
 */
const EVENTS_BAR = { events: 300, rowsOfCassandras: 663 } as const;
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
      if (!await compare({ ...subjects, mode, directory, runs: Number(runs) })) missed++;
    }
    const plain = data.get('plain');
    if (plain !== undefined && !await measureEvents({ ours: startOurs(), cassandras: subjects.cassandras, directory: plain, runs: Number(runs) })) missed++;
  } finally {
    await Promise.all([subjects.ours.close(), subjects.cassandras.close()]);
  }
  console.log(missed === 0 ? 'all bars reached' : `${missed} bars missed`);
  process.exitCode = missed === 0 ? 0 : 1;
}

interface EventMeasure {
  /** A process of its own: one that only walked rows was compiled for that. */
  readonly ours: Subject;
  readonly cassandras: Subject;
  readonly directory: string;
  readonly runs: number;
}

/** From plain segments to JSON records, in turns with Cassandra's reader, which only walks the rows. Whether the bar was reached. */
async function measureEvents({ ours, cassandras, directory, runs }: EventMeasure): Promise<boolean> {
  const passes: { readonly events: EventPass; readonly walk: Pass }[] = [];
  try {
    for (let run = -WARM_UP_PASSES; run < runs; run++) {
      const events = await ours.pass<EventPass>(`events ${directory}`);
      const walk = await cassandras.pass<Pass>(directory);
      if (events.events !== walk.rows) throw new Error(`${events.events} events of ${walk.rows} rows`);
      if (run >= 0) passes.push({ events, walk });
    }
  } finally {
    await ours.close();
  }
  const [{ events: { events, recordBytes } }] = passes;
  const thousands = (seconds: number): number => events / 1000 / seconds;
  const rate = spread(passes.map((pass) => thousands(pass.events.seconds)));
  const cassandraRate = spread(passes.map((pass) => thousands(pass.walk.seconds)));
  const cpuRatio = spread(passes.map((pass) => pass.walk.cpuSeconds)).median / spread(passes.map((pass) => pass.events.cpuSeconds)).median;
  const bar = EVENTS_BAR.events / EVENTS_BAR.rowsOfCassandras;
  const ratio = rate.median / cassandraRate.median;
  const isReached = ratio >= bar;
  console.log(`\nto JSON events: ${events} events, ${(recordBytes / events).toFixed(0)} bytes of key and value each`);
  console.log(`  ours         ${spreadText(rate, 0)} thousand events/s`);
  console.log(`  Cassandra's  ${spreadText(cassandraRate, 0)} thousand rows/s walked meanwhile, without making anything of them`);
  console.log(`  ratio of medians ${ratio.toFixed(2)}, bar ${bar.toFixed(2)} (${EVENTS_BAR.events} where Cassandra's reader walks ${EVENTS_BAR.rowsOfCassandras}): ${isReached ? 'reached' : 'MISSED'} (of processor times: ${cpuRatio.toFixed(2)})`);
  return isReached;
}

interface Subjects {
  readonly ours: Subject;
  readonly cassandras: Subject;
}

async function start(version: CassandraVersion): Promise<Subjects> {
  const prefix = pinned();
  console.log(prefix.length > 0 ? `pinned    all on one core (${prefix.join(' ')})` : 'pinned    no: taskset is not there');
  const java = await javaCommand({ version, main: 'ReadBench', args: ['--schema', schemaPath], prefix });
  return { ours: startOurs(), cassandras: new Subject("Cassandra's reader", java) };
}

function startOurs(): Subject {
  const reader = fileURLToPath(new URL(`reader${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
  return new Subject('our reader', [...pinned(), process.execPath, ...process.execArgv, reader, schemaPath]);
}

interface Comparison extends Subjects {
  readonly mode: Mode;
  readonly directory: string;
  readonly runs: number;
}

/** Whether the bar was reached. */
async function compare({ ours, cassandras, mode, directory, runs }: Comparison): Promise<boolean> {
  const passes: Record<'ours' | 'cassandras', Pass[]> = { ours: [], cassandras: [] };
  for (let run = -WARM_UP_PASSES; run < runs; run++) {
    const one = await ours.pass<Pass>(directory);
    const other = await cassandras.pass<Pass>(directory);
    requireEqual(mode, one, other);
    if (run < 0) continue;
    passes.ours.push(one);
    passes.cassandras.push(other);
  }
  const ratioOf = (of: 'seconds' | 'cpuSeconds'): number => spread(passes.cassandras.map((pass) => pass[of])).median / spread(passes.ours.map((pass) => pass[of])).median;
  const ratio = ratioOf('seconds');
  const isReached = ratio >= BARS[mode];
  const { bytes, rows, cells, valueBytes, checksum } = passes.ours[0];
  console.log(`\n${mode}: ${(bytes / 1048576).toFixed(0)} MiB of entries, ${rows} rows, ${cells} cells, ${valueBytes} bytes of keys and values, checksum ${checksum} from both`);
  for (const [name, of] of [['ours', passes.ours], ["Cassandra's", passes.cassandras]] as const) {
    const rate = spread(of.map((pass) => pass.bytes / 1048576 / pass.seconds));
    const rowRate = spread(of.map((pass) => pass.rows / 1000 / pass.seconds));
    console.log(`  ${name.padEnd(12)} ${spreadText(rate).padEnd(24)} MiB/s  ${spreadText(rowRate, 0).padEnd(20)} thousand rows/s`);
  }
  console.log(`  ratio of medians ${ratio.toFixed(2)}, bar ${BARS[mode].toFixed(1)}: ${isReached ? 'reached' : 'MISSED'} (of processor times: ${ratioOf('cpuSeconds').toFixed(2)})`);
  return isReached;
}

await main();
