/**
 * A unix socket in the state directory: `status` asks the running agent there. Group and owner may; nobody else.
 *
 *   <request> is one line of at most 256 bytes: the name of what is asked
 *   <answer>  is one line of JSON: {"status":{…}}, or {"error":{"code","message","fix"}} behind which the agent may hang up
 *
 * As many requests as wanted on one connection, one after the other.
 */
import { lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { ConfigError, IoError } from '../errors.js';
import { lockedError } from './lock.js';

export const MAX_REQUEST = 256;
const MAX_CONNECTIONS = 16;
const IDLE_MS = 60_000;
/** sun_path has 108 bytes, the last a zero. */
const MAX_PATH = 107;
/** With this mask a socket is made with mode 0660. */
const MASK = 0o117;
const ASK_MS = 500;

/** What can be asked, by name: each gives what is sent as JSON. */
export type ControlRequests = Readonly<Record<string, () => unknown>>;

export function controlSocketPath(stateDirectory: string): string {
  return join(stateDirectory, 'control.sock');
}

export class ControlSocket {
  readonly path: string;
  readonly #directory: string;
  readonly #requests: ControlRequests;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(stateDirectory: string, requests: ControlRequests) {
    this.path = controlSocketPath(stateDirectory);
    this.#directory = stateDirectory;
    this.#requests = requests;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** With the state directory locked. A socket left by an agent that was killed is replaced. Throws ConfigError, IoError. */
  async listen(): Promise<void> {
    const bytes = Buffer.byteLength(this.path);
    if (bytes > MAX_PATH) throw new ConfigError('state_directory_too_long', `${this.path} has ${bytes} bytes; a unix socket's path has at most ${MAX_PATH}`, { fix: 'choose a state_directory with a shorter path' });
    await this.#removeStale();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause: NodeJS.ErrnoException) => reject(new IoError('control_socket', `the control socket ${this.path} can't be made: ${cause.code}`, { fix: 'let the agent\'s user write in the state directory', cause })));
      // The socket is made inside the call: never open to others, not for a moment.
      const before = process.umask(MASK);
      try {
        this.#server.listen(this.path, resolve);
      } finally {
        process.umask(before);
      }
    });
    // Accepting fails when descriptors run out, and may go on later.
    this.#server.on('error', () => undefined).unref();
  }

  /** Hangs up on everybody and removes the socket. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #removeStale(): Promise<void> {
    const found = lstatSync(this.path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (!found.isSocket()) throw new ConfigError('control_socket', `${this.path} is in the way: it is no socket`, { fix: 'move it away' });
    if (await answers(this.path)) throw lockedError(this.#directory, undefined);
    rmSync(this.path, { force: true });
  }

  #serve(socket: Socket): void {
    let waiting = '';
    this.#sockets.add(socket);
    socket.unref();
    socket.setEncoding('latin1').setTimeout(IDLE_MS, () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => socket.destroy());
    const next = (): void => {
      for (let end = waiting.indexOf('\n'); end >= 0; end = waiting.indexOf('\n')) {
        if (end > MAX_REQUEST) return tooLong(socket);
        const line = waiting.slice(0, end).trim();
        waiting = waiting.slice(end + 1);
        // Whoever does not read gets no further answer.
        if (!socket.write(this.#answer(line))) return void socket.pause().once('drain', () => { socket.resume(); next(); });
      }
      if (waiting.length > MAX_REQUEST) tooLong(socket);
    };
    socket.on('data', (text: string) => {
      if (socket.writableEnded) return;
      waiting += text;
      next();
    });
  }

  #answer(name: string): string {
    const request = Object.hasOwn(this.#requests, name) ? this.#requests[name] : undefined;
    if (request === undefined) return errorLine({ code: 'unknown_request', message: `there is no request ${JSON.stringify(name)}`, fix: `ask one of: ${Object.keys(this.#requests).join(', ')}` });
    try {
      return `${JSON.stringify({ [name]: request() })}\n`;
    } catch (error) {
      return errorLine({ code: 'bug', message: error instanceof Error ? error.message : String(error), fix: 'report this as a bug in the agent' });
    }
  }
}

function tooLong(socket: Socket): void {
  socket.removeAllListeners('data');
  socket.end(errorLine({ code: 'request_too_long', message: `a request has at most ${MAX_REQUEST} bytes`, fix: 'send a name and a line feed' }));
  socket.resume();
}

function errorLine(error: { readonly code: string; readonly message: string; readonly fix: string }): string {
  return `${JSON.stringify({ error })}\n`;
}

/** True when a process holds the socket, even one that is too busy to speak, or one in another container. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (isThere: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isThere);
    };
    const timer = setTimeout(done, ASK_MS, true);
    socket.once('connect', () => done(true)).once('error', (error: NodeJS.ErrnoException) => done(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'));
  });
}
