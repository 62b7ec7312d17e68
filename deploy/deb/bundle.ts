/** The agent and its libraries as few files that need no node_modules. Nothing is minified: a stack trace must be readable. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './paths.js';

/** CommonJS libraries ask for Node's own modules by require(), which ES modules don't have. */
const BANNER = "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";
/** The program, and what it starts as threads of its own: side by side, as they find each other. */
const ENTRIES = ['dist/agent/main.js', 'dist/agent/pipeline/part-worker.js'];
/** cassandra-driver asks for it inside try: it is not installed. */
const ABSENT = ['kerberos'];

interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }>>;
}

/** Writes the bundle into `directory`. Returns the npm packages that went into it, sorted. */
export function bundle(directory: string): string[] {
  const work = mkdtempSync(join(tmpdir(), 'cdc-bundle-'));
  try {
    const metafile = join(work, 'meta.json');
    esbuild([
      ...ENTRIES, '--entry-names=[name]', '--bundle', '--splitting', '--platform=node', '--format=esm', '--target=node24', '--charset=utf8', '--legal-comments=none', '--log-level=warning',
      `--outdir=${directory}`, `--metafile=${metafile}`, `--banner:js=${BANNER}`, ...ABSENT.map((name) => `--external:${name}`),
    ]);
    addData(directory);
    return packagesOf(JSON.parse(readFileSync(metafile, 'utf8')) as Metafile);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** By its command, with pipes: the WebAssembly build's own API, and its output into a file, end in a crash on Node 20. */
function esbuild(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(process.execPath, [join(projectRoot, 'node_modules/esbuild-wasm/bin/esbuild'), ...args], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`esbuild failed: ${error?.message ?? stderr}`);
}

function addData(directory: string): void {
  // The package starts it by name, with its own Node.
  const main = join(directory, 'main.js');
  writeFileSync(main, readFileSync(main, 'utf8').replace(/^#!.*\n/, ''));
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
  cpSync(join(projectRoot, 'agent/embedded/cdc_raw'), join(directory, 'cdc_raw'), { recursive: true });
  copyFileSync(join(projectRoot, 'agent/embedded/schema.json'), join(directory, 'schema.json'));
  // The publisher reads the version of the library whose internals it uses.
  const kafkajs = join(directory, 'node_modules/kafkajs');
  mkdirSync(kafkajs, { recursive: true });
  copyFileSync(join(projectRoot, 'node_modules/kafkajs/package.json'), join(kafkajs, 'package.json'));
}

function packagesOf({ outputs }: Metafile): string[] {
  const names = new Set<string>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      if (name !== undefined && bytesInOutput > 0) names.add(name);
    }
  }
  return [...names].sort();
}
