/** Reads segments from beginning to end and hands what is found to a report. */
import { existsSync } from 'node:fs';
import { CorruptError, MAX_DESCRIPTOR_LENGTH, parseCdcIndex, readDescriptor, type CdcIndex, type CommitLogDescriptor, type SchemaView } from '../../parsers/index.js';
import { EntryDecoder } from './entry-decoder.js';
import { FileSource } from './file-source.js';
import type { InspectInput, InspectInputs } from './inputs.js';
import type { Output } from './output.js';
import type { Report } from './report.js';
import { STEP, SegmentWalk, type Damage } from './segment-walk.js';
import { SegmentSummary, type Tail } from './segment-summary.js';

export interface InspectOptions {
  readonly schema: SchemaView;
  /** AES key of encrypted segments. */
  readonly key: Buffer | undefined;
  readonly report: Report;
  readonly out: Output;
  /** Ends the reading early. */
  readonly signal: AbortSignal;
  /** Before each segment; `done` are behind it. */
  readonly onSegment?: (progress: { readonly done: number; readonly all: number; readonly name: string }) => void;
}

const TAIL_PIECE = 1_048_576;
const LONGEST_INDEX = 64;

export async function inspect(inputs: InspectInputs, options: InspectOptions): Promise<readonly SegmentSummary[]> {
  const summaries: SegmentSummary[] = [];
  for (const input of inputs.segments) {
    if (options.signal.aborted) return summaries;
    options.onSegment?.({ done: summaries.length, all: inputs.segments.length, name: input.name });
    summaries.push(await inspectSegment(input, options));
  }
  options.report.end(summaries, inputs.orphanIndexes);
  await options.out.drain();
  return summaries;
}

async function inspectSegment(input: InspectInput, options: InspectOptions): Promise<SegmentSummary> {
  const summary = new SegmentSummary(input);
  const { report, out } = options;
  const source = new FileSource(input.path);
  try {
    summary.fileSize = source.size();
    summary.index = readIndex(input.indexPath);
    const descriptor = openDescriptor(source, summary, report);
    if (descriptor !== undefined) await readSegment({ source, descriptor, summary }, options);
    report.endSegment(summary);
    await out.drain();
  } finally {
    source.close();
  }
  return summary;
}

function openDescriptor(source: FileSource, summary: SegmentSummary, report: Report): CommitLogDescriptor | undefined {
  const { input } = summary;
  try {
    const descriptor = (summary.descriptor = readDescriptor(source.read(0, Math.min(source.size(), MAX_DESCRIPTOR_LENGTH))));
    report.beginSegment({ input, descriptor });
    if (input.segmentId >= 0 && input.segmentId !== descriptor.id) {
      takeDamage(damageOf(new CorruptError('descriptor_id_mismatch', 0, `the header says segment ${descriptor.id}, the name ${input.segmentId}`)), summary, report);
    }
    return descriptor;
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    report.beginSegment({ input, descriptor: undefined });
    takeDamage(damageOf(error), summary, report);
    return undefined;
  }
}

interface OpenFile {
  readonly source: FileSource;
  readonly descriptor: CommitLogDescriptor;
  readonly summary: SegmentSummary;
}

async function readSegment({ source, descriptor, summary }: OpenFile, { schema, key, report, out, signal }: InspectOptions): Promise<void> {
  let walk: SegmentWalk;
  try {
    walk = new SegmentWalk(source, descriptor, { key });
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    takeDamage(damageOf(error), summary, report);
    return;
  }
  const decoder = new EntryDecoder(schema, descriptor.version, report.wantsRows ? report : undefined);
  for (let step = walk.next(); step !== STEP.END; step = walk.next()) {
    if (step === STEP.ENTRY) takeEntry(walk, { decoder, summary, report });
    else if (step === STEP.DAMAGE && walk.damage !== undefined) takeDamage(walk.damage, summary, report, walk);
    if (out.isFull) await out.drain();
    if (signal.aborted) return;
  }
  summary.sections = walk.sections;
  summary.tail = readTail(source, walk.fileOffset);
}

function takeEntry({ frames }: SegmentWalk, { decoder, summary, report }: { readonly decoder: EntryDecoder; readonly summary: SegmentSummary; readonly report: Report }): void {
  summary.entries++;
  summary.mutationBytes += frames.size;
  report.beginEntry();
  let unknownTable: string | undefined;
  try {
    unknownTable = decoder.decode(frames);
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    const damage = { error, position: frames.entryPosition, end: frames.position, size: frames.size };
    summary.damage.add(damage, decoder.tableName);
    report.damage(damage, frames);
    return;
  }
  summary.addEntry(decoder, unknownTable);
  report.entry({ frames, decoder, unknownTable });
}

function damageOf(error: CorruptError): Damage {
  return { error, position: Math.max(0, error.position), end: -1, size: -1 };
}

function takeDamage(damage: Damage, summary: SegmentSummary, report: Report, walk?: SegmentWalk): void {
  summary.damage.add(damage, undefined);
  report.damage(damage, walk?.frames);
}

function readIndex(path: string): CdcIndex | null | undefined {
  if (!existsSync(path)) return undefined;
  const source = new FileSource(path);
  try {
    return parseCdcIndex(source.read(0, Math.min(source.size(), LONGEST_INDEX)).latin1Slice());
  } finally {
    source.close();
  }
}

/** What stands behind the last marker that was written. */
function readTail(source: FileSource, offset: number): Tail {
  const length = Math.max(0, source.size() - offset);
  for (let at = offset; at < source.size(); at += TAIL_PIECE) {
    if (!isZero(source.read(at, Math.min(TAIL_PIECE, source.size() - at)))) return { offset, length, kind: 'unsynced' };
  }
  return { offset, length, kind: length === 0 ? 'none' : 'zeros' };
}

const ZEROS = Buffer.alloc(TAIL_PIECE);

function isZero(bytes: Buffer): boolean {
  return bytes.equals(ZEROS.subarray(0, bytes.length));
}
