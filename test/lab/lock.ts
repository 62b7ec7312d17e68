/** A lock between processes: a directory is made by one of them only. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `work` while `path` is held; a holder that died is taken over. Waits up to `timeoutMs`. */
export async function withLock<T>(path: string, work: () => Promise<T>, timeoutMs = 600_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (!(await take(path))) {
    if (Date.now() > deadline) throw new Error(`${path} is held by another process for ${timeoutMs} ms: remove it when no other run is going on`);
    if (await isStale(path)) await rm(path, { recursive: true, force: true });
    else await sleep(200);
  }
  try {
    return await work();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await writeFile(join(path, 'pid'), String(process.pid));
  return true;
}

async function isStale(path: string): Promise<boolean> {
  const pid = await ownerOf(path);
  // Between mkdir and the write of the pid the owner is unknown: give it a moment before judging.
  if (pid === undefined) return sleep(1000, undefined).then(async () => (await ownerOf(path)) === undefined);
  return !isAlive(pid);
}

async function ownerOf(path: string): Promise<number | undefined> {
  try {
    const pid = Number(await readFile(join(path, 'pid'), 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process of this id exists (it may belong to somebody else). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
