/** Makes one recording: starts the node, writes the workload, stops it, and keeps what it left. */
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CassandraNode } from '../lab/index.js';
import { answerOf, segmentsWithContent, type AnswerOptions, type SegmentFile } from './answer.js';
import { encryptionConfig, makeKeystore } from './encryption.js';
import { configOf, MALFORMED, syncPeriodOf, type Recording } from './recordings.js';
import { runWorkload, type Outcome } from './run-workload.js';
import { schemaJson } from './schema.js';
import { copySegments, SegmentKeeper, segmentsIn, writeCompressed } from './segments.js';
import { afterwards, justBeforeTheEnd, workload } from './workload/index.js';
import { malformed } from './workload/malformed.js';
import { FIRST_TIMESTAMP, type Steps } from './workload/step.js';

const SEGMENT_SIZE_MIB = 1;
/** In periodic mode a marker is written every 100 ms. */
const MARKER_MS = 300;

export async function record(recording: Recording, fixtures: string): Promise<void> {
  const to = join(fixtures, recording.name);
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), `cdc-record-${recording.name}-`));
  const isEncrypted = recording.mode === 'encrypted';
  if (isEncrypted) await makeKeystore(to, recording.version.startsWith('5') ? 256 : 128);
  const node = await CassandraNode.create({
    version: recording.version,
    directory,
    segmentSizeMiB: SEGMENT_SIZE_MIB,
    syncPeriodMs: syncPeriodOf(recording.mode),
    config: { ...configOf(recording), ...(isEncrypted ? encryptionConfig(to) : {}) },
    // TTLs that end past 2038 are cut to it where the format can't say more, in place of being refused.
    jvm: ['-Dcassandra.expiration_date_overflow_policy=CAP'],
  });
  try {
    await recordInto(to, node, recording, isEncrypted ? join(to, 'keystore.jceks') : undefined);
  } finally {
    await node.remove();
    await rm(directory, { recursive: true, force: true });
  }
}

async function recordInto(to: string, node: CassandraNode, recording: Recording, keystore: string | undefined): Promise<void> {
  // Cassandra's tool mode finds nothing in the data files of a node of this mode.
  const schema = recording.mode.endsWith('v8') ? { file: join(to, 'schema.json') } : { data: node.dataDir };
  const reading: AnswerOptions = { version: recording.version, schema, keystore };
  const keeper = new SegmentKeeper(node.commitlogDir, join(node.directory, 'kept'));
  await keeper.start();
  let outcome: Outcome;
  try {
    await node.start();
    outcome = await runWorkload(node, stepsOf(recording));
    await writeFile(join(to, 'schema.json'), await schemaJson(node));
    await node.stop();
  } finally {
    await keeper.stop();
  }
  const kept = join(node.directory, 'kept');
  const files = (await segmentsIn(kept)).map((name) => ({ directory: kept, name }));
  const keepsSpare = recording.version.startsWith('5') && !isMalformed(recording);
  await keep(files, node, to, { ...reading, spares: keepsSpare ? 1 : 0 });
  await writeFile(join(to, 'recording.json'), describe(recording, outcome));
  if (recording.mode === 'mmap' && !isMalformed(recording)) await liveAndKilled(to, node, reading);
}

function isMalformed(recording: Recording): boolean {
  return MALFORMED.includes(recording);
}

function stepsOf(recording: Recording): Steps {
  return isMalformed(recording) ? malformed() : workload({ version: recording.version, is5: recording.version.startsWith('5') });
}

/** The copies of a running node, of one that was killed, and of that one started again: of new segments only. */
async function liveAndKilled(to: string, node: CassandraNode, reading: AnswerOptions): Promise<void> {
  for (const name of await readdir(node.cdcRawDir)) await rm(join(node.cdcRawDir, name));
  await node.start();
  await runWorkload(node, afterwards(0), { timestamps: FIRST_TIMESTAMP + 1e9 });
  // The index file follows the sync, every 10 s; the markers are ahead of it.
  await sleep(11_000);
  await runWorkload(node, afterwards(1), { timestamps: FIRST_TIMESTAMP + 2e9 });
  await sleep(MARKER_MS);
  const live = join(node.directory, 'live');
  await copyDirectory(node.cdcRawDir, live);
  await runWorkload(node, justBeforeTheEnd(), { timestamps: FIRST_TIMESTAMP + 3e9 });
  await node.kill9();
  const killed = join(node.directory, 'killed');
  await copyDirectory(node.commitlogDir, killed);
  await copyDirectory(node.cdcRawDir, killed);
  await node.start();
  await sleep(MARKER_MS);
  const replayed = join(node.directory, 'replayed');
  await copyDirectory(node.cdcRawDir, replayed);
  await node.stop();
  for (const [name, directory] of [['live', live], ['killed', killed], ['replayed', replayed]]) {
    const files = (await segmentsIn(directory)).map((file) => ({ directory, name: file }));
    await keep(files, { cdcRawDir: directory }, join(to, name), { ...reading, spares: 0 });
  }
}

/** Copies the segments that hold something, and the reader's answer on them. */
async function keep(files: readonly SegmentFile[], { cdcRawDir }: Pick<CassandraNode, 'cdcRawDir'>, to: string, options: AnswerOptions & { readonly spares: number }): Promise<void> {
  const used = segmentsWithContent(await answerOf(files, options));
  const spares = files.filter(({ name }) => !used.has(name)).slice(0, options.spares);
  const chosen = files.filter((file) => used.has(file.name) || spares.includes(file));
  await copySegments(chosen, cdcRawDir, to);
  await writeCompressed(to, 'oracle.ndjson', (await answerOf(chosen, options)).map((line) => `${line}\n`).join(''));
}

async function copyDirectory(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) await copyFile(join(from, name), join(to, name));
}

function describe(recording: Recording, outcome: Outcome): string {
  return `${JSON.stringify({
    version: recording.version,
    mode: recording.mode,
    segment_size_mib: SEGMENT_SIZE_MIB,
    sync_period_ms: syncPeriodOf(recording.mode),
    config: configOf(recording),
    statements: outcome.executed,
    refused: outcome.refused,
  }, null, 2)}\n`;
}
