/** Files of the agent's own: replaced at once, so that a reader, and a start after a crash, sees the old one or the new one. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { IoError } from '../errors.js';

export interface ReplaceOptions {
  /** Rights of the file; 0o640. */
  readonly mode?: number;
}

/** Durable when it resolves: written beside, flushed, renamed, and the directory flushed. Throws IoError. */
export async function replaceFile(path: string, content: string | Uint8Array, { mode = 0o640 }: ReplaceOptions = {}): Promise<void> {
  const partial = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(partial, 'w', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw cannotWrite(path, cause);
  }
}

/** A rename or an unlink is durable only when its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

export function cannotWrite(path: string, cause: unknown): IoError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const fix = code === 'ENOSPC' || code === 'EDQUOT' ? 'make room on its filesystem' : 'check that its directory exists and that you may write there';
  return new IoError('write_failed', `${path} can't be written: ${code}`, { fix, cause });
}
