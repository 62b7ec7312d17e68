/**
 * One file of the schema history: a line that says what it is, and the content.
 *
 *   <name>    <segment>-<position>.(base|delta).json     the place in the log from which it holds
 *   <file>    {"v":1,"kind":"base","sha256":"…"}\n<content>
 *   <base>    {"rows":<stored-rows.ts>,"dropped":[{"at":"<segment>:<position>","rows":<rows of system_schema>}…]}
 *   <delta>   {"version":<of the commit log>,"mutation":<base64>}     a logged mutation of system_schema
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommitLogPosition } from '../../parsers/index.js';
import { ConfigError, IoError } from '../errors.js';
import { replaceFile } from '../files/replace-file.js';

const VERSION = 1;
const NAME = /^(\d{1,16})-(\d{1,10})\.(base|delta)\.json$/;

export interface HistoryEntry {
  readonly kind: 'base' | 'delta';
  readonly from: CommitLogPosition;
}

/** Null when a file of this name is none of ours. */
export function entryOfName(name: string): HistoryEntry | null {
  const [, segment, position, kind] = NAME.exec(name) ?? [];
  return segment === undefined ? null : { kind: kind as HistoryEntry['kind'], from: { segment: Number(segment), position: Number(position) } };
}

export function nameOfEntry({ kind, from }: HistoryEntry): string {
  return `${from.segment}-${from.position}.${kind}.json`;
}

/** Durable when it resolves. */
export function writeEntry(directory: string, entry: HistoryEntry, content: object): Promise<void> {
  const text = JSON.stringify(content);
  return replaceFile(join(directory, nameOfEntry(entry)), `${JSON.stringify({ v: VERSION, kind: entry.kind, sha256: sumOf(text) })}\n${text}`);
}

/** Throws ConfigError when the file can't be trusted: guessing a schema would give wrong rows. */
export async function readEntry(directory: string, entry: HistoryEntry): Promise<unknown> {
  const path = join(directory, nameOfEntry(entry));
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new IoError('schema_history', `${path} can't be read: ${(cause as NodeJS.ErrnoException).code}`, { fix: 'let the agent\'s user read its state directory', cause });
  }
  const end = text.indexOf('\n');
  const header = parsed(text.slice(0, Math.max(0, end))) as { v?: unknown; kind?: unknown; sha256?: unknown } | undefined;
  if (typeof header?.v === 'number' && header.v > VERSION) {
    throw new ConfigError('schema_history_newer', `${path} was written by a newer agent (version ${header.v}, this one knows ${VERSION})`, { fix: 'run the newer agent again' });
  }
  const content = text.slice(end + 1);
  if (header?.v !== VERSION || header.kind !== entry.kind || header.sha256 !== sumOf(content)) throw damagedHistory(directory, path);
  return parsed(content);
}

export function damagedHistory(directory: string, path: string, cause?: unknown): ConfigError {
  return new ConfigError('schema_history_damaged', `${path} is damaged`, {
    fix: `restore it from a backup, or give the history up: mv ${directory} ${directory}.damaged; the agent then begins with the schema as the node has it now, and rows of tables dropped before can't be decoded`,
    cause,
  });
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
