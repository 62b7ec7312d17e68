/**
 * One agent per state directory. A Linux abstract unix socket, named after the directory's device and inode: whatever path
 * leads to it is the same lock, and the kernel releases it with the process, however that ends. Whoever connects is told
 * the holder's process id.
 *
 * Abstract names belong to a network namespace: agents in different containers that share a directory don't see each
 * other here; the control socket, which lies in the directory, is asked before it is replaced.
 */
import { statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { ConfigError, IoError } from '../errors.js';

export class StateLock {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  /** The next one may take it. */
  release(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const ASK_MS = 500;

/** Throws ConfigError `state_directory_locked` when another process holds it, IoError when there is no such directory. */
export async function lockStateDirectory(directory: string): Promise<StateLock> {
  const name = lockName(directory);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(`${process.pid}\n`);
  });
  // The lock alone keeps no process alive.
  server.unref();
  try {
    await listening(server, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw new IoError('lock_failed', `the lock of ${directory} can't be taken: ${(error as Error).message}`, { fix: 'run the agent on Linux, with unix sockets allowed (RestrictAddressFamilies=AF_UNIX)', cause: error });
    throw lockedError(directory, (await holder(name))?.pid);
  }
  return new StateLock(server);
}

/** Who holds it, without taking it; null: nobody. `pid` undefined: it does not say. */
export function lockHolder(directory: string): Promise<{ readonly pid: number | undefined } | null> {
  return holder(lockName(directory));
}

export function lockedError(directory: string, pid: number | undefined): ConfigError {
  const by = pid === undefined ? 'another agent' : `another agent (process ${pid})`;
  return new ConfigError('state_directory_locked', `${by} runs with the state directory ${directory}`, {
    fix: `stop it first${pid === undefined ? '' : ` (kill ${pid}, or systemctl stop cassandra-cdc-agent)`}, or give this agent a state_directory of its own`,
  });
}

function lockName(directory: string): string {
  try {
    const { dev, ino } = statSync(directory, { bigint: true });
    return `\0cassandra-cdc-agent/${dev}:${ino}`;
  } catch (cause) {
    throw new IoError('state_directory', `the state directory ${directory} can't be used: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, { fix: 'create it, owned by the agent\'s user (the package does: systemd-tmpfiles --create)', cause });
  }
}

function listening(server: Server, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(name, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** Its process id is undefined when it does not say: it may be stopped. Null: nobody listens. */
function holder(name: string): Promise<{ readonly pid: number | undefined } | null> {
  return new Promise((resolve) => {
    const socket = connect(name);
    const done = (pid?: number): void => end({ pid });
    const end = (answer: { readonly pid: number | undefined } | null): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(done, ASK_MS);
    socket.setEncoding('latin1').once('data', (text: string) => done(/^\d{1,10}\n$/.test(text) ? Number(text) : undefined));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => (code === 'ECONNREFUSED' ? end(null) : done())).once('end', () => done());
  });
}
