// Makes a fresh clone runnable: installs the locked dependencies when they are missing or older than the lockfile,
// and compiles when a source is newer than the last build. Plain JavaScript: it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`cassandra-cdc-agent needs Node 20.19 or later, this is ${process.version}: install a newer Node`);
  process.exit(69);
}

const mtime = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);
const run = (command, args) => {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
};

function newest(directory) {
  let latest = 0;
  for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) latest = Math.max(latest, entry.name === 'fixtures' ? 0 : newest(path));
    else if (entry.name.endsWith('.ts')) latest = Math.max(latest, mtime(join(root, path)));
  }
  return latest;
}

const installed = join(root, 'node_modules/.package-lock.json');
if (mtime(installed) < mtime(join(root, 'package-lock.json'))) {
  console.error('installing the locked dependencies (npm ci)');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  utimesSync(installed, new Date(), new Date());
}

if (process.argv.includes('--build')) {
  const stamp = join(root, 'dist/.built');
  const sources = Math.max(mtime(join(root, 'tsconfig.json')), newest('agent'), newest('parsers'), newest('test'), newest('deploy'));
  if (mtime(stamp) <= sources) {
    console.error('compiling (tsc)');
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root]);
    writeFileSync(stamp, '');
  }
}
