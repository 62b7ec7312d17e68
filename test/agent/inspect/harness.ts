/** Runs inspect in this process on segments that are in memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { findInputs } from '../../../agent/inspect/inputs.js';
import { inspect } from '../../../agent/inspect/inspect.js';
import { Output } from '../../../agent/inspect/output.js';
import type { Report } from '../../../agent/inspect/report.js';
import type { SegmentSummary } from '../../../agent/inspect/segment-summary.js';
import { Schema, type SchemaView } from '../../../parsers/index.js';

/** Keeps what is written. */
export class TextSink extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

export interface InspectRun {
  readonly text: string;
  readonly lines: readonly string[];
  readonly summaries: readonly SegmentSummary[];
}

export interface InspectSetup {
  /** Bytes by file name. */
  readonly files: Readonly<Record<string, Buffer | string>>;
  readonly report: (out: Output) => Report;
  readonly schema?: SchemaView;
  readonly key?: Buffer;
  /** File names to name; the whole directory by default. */
  readonly name?: readonly string[];
}

export async function runInspect({ files, report, schema = new Schema(), key, name = ['.'] }: InspectSetup): Promise<InspectRun> {
  return inDirectory(files, async (directory) => {
    const sink = new TextSink();
    const out = new Output(sink);
    const summaries = await inspect(findInputs(name, directory), { schema, key, report: report(out), out, signal: new AbortController().signal });
    return { text: sink.text, lines: sink.text.trimEnd().split('\n'), summaries };
  });
}

export async function inDirectory<T>(files: Readonly<Record<string, Buffer | string>>, use: (directory: string) => T | Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'cdc-inspect-'));
  try {
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(directory, file), bytes);
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
