/**
 * What the damaged segments are made of, made by a process of its own: cutting recorded segments and packing 128 MiB of
 * zeros takes more memory than reading ever may, and the memory of the process that reads is what is judged.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deserialize, serialize } from 'node:v8';
import { isMainThread } from 'node:worker_threads';
import { deflateSync } from 'node:zlib';
import { makeBombs, type Bomb } from './bombs.js';
import { recordedPieces, type Piece } from './corpus.js';

export interface Prepared {
  readonly pieces: readonly Piece[];
  /** Packed, but for their names: `inflateSync` gives the file. */
  readonly bombs: readonly Bomb[];
}

const LARGEST_OUTPUT = 1 << 26;

export function prepare(): Prepared {
  return deserialize(execFileSync(process.execPath, [fileURLToPath(import.meta.url)], { maxBuffer: LARGEST_OUTPUT, stdio: ['ignore', 'pipe', 'inherit'] })) as Prepared;
}

if (isMainThread && import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const bombs = makeBombs().map(({ name, file }) => ({ name, file: deflateSync(file) }));
  process.stdout.write(serialize({ pieces: recordedPieces(), bombs } satisfies Prepared));
}
