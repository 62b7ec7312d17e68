/**
 * `npm test`: everything that this machine can run, in tiers, with one line at the end: `N passed, N failed`.
 *
 *   npm test                       all tiers
 *   npm test -- --tier unit        one tier (unit, server, service)
 *   npm test -- --grep clustering  tests whose title matches
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { obstacleToBoot } from './deploy/root.js';
import { projectRoot } from './helpers/project-root.js';

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface Tier {
  readonly name: string;
  readonly files: (path: string) => boolean;
  /** Why this machine can't run it, or null. */
  readonly obstacle: () => string | null | Promise<string | null>;
  /** An obstacle under CI=true is a failure. */
  readonly isNeeded: boolean;
  readonly timeout: string;
}

const isServerTest = (path: string): boolean => path.endsWith('.server.test.js');
const isServiceTest = (path: string): boolean => path.endsWith('.service.test.js');

const TIERS: readonly Tier[] = [
  { name: 'unit', files: (path) => !isServerTest(path) && !isServiceTest(path), obstacle: () => null, isNeeded: true, timeout: '60s' },
  { name: 'server', files: isServerTest, obstacle: missingServerTools, isNeeded: true, timeout: '300s' },
  { name: 'service', files: isServiceTest, obstacle: async () => missingServerTools() ?? (await obstacleToBoot()), isNeeded: false, timeout: '300s' },
];

function missingServerTools(): string | null {
  const missing = ['java', 'javac', 'mvn'].filter((tool) => spawnSync(tool, ['-version'], { stdio: 'ignore' }).status !== 0);
  return missing.length === 0 ? null : `${missing.join(' and ')} not found: install a JDK 17 and Maven (Debian: apt-get install openjdk-17-jdk-headless maven)`;
}

function testFiles(): string[] {
  return readdirSync(join(projectRoot, 'dist/test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js'))
    .map((path) => join('dist/test', path))
    .sort();
}

/** Runs a child and waits for it; what it prints is what the person sees. */
function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: projectRoot, stdio: ['ignore', 'inherit', 'inherit'], env });
    child.on('error', reject).on('close', (code) => resolve(code ?? 1));
  });
}

async function runTier(tier: Tier, grep: string | undefined): Promise<Tally> {
  const files = testFiles().filter(tier.files);
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const obstacle = await tier.obstacle();
  if (obstacle !== null) {
    const must = tier.isNeeded && process.env.CI === 'true';
    console.log(`\n${tier.name} tier ${must ? 'FAILED' : 'skipped'} (${files.length} files): ${obstacle}`);
    return { passed: 0, failed: must ? files.length : 0, skipped: must ? 0 : files.length };
  }
  const directory = mkdtempSync(join(tmpdir(), 'cdc-test-'));
  const tallyFile = join(directory, 'tally.json');
  const started = Date.now();
  const args = ['node_modules/mocha/bin/mocha.js', '--reporter', 'dist/test/helpers/tally-reporter.js', '--timeout', tier.timeout, '--exit', ...(grep === undefined ? [] : ['--grep', grep]), ...files];
  const code = await run(process.execPath, ['--enable-source-maps', ...args], { ...process.env, CDC_TALLY_FILE: tallyFile });
  let tally: Tally;
  try {
    tally = JSON.parse(readFileSync(tallyFile, 'utf8')) as Tally;
  } catch {
    console.log(`the ${tier.name} tier ended without a result (exit ${code})`);
    tally = { passed: 0, failed: 1, skipped: 0 };
  }
  rmSync(directory, { recursive: true });
  if (code !== 0 && tally.failed === 0) tally.failed = 1;
  console.log(`${tier.name} tier: ${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return tally;
}

async function lint(): Promise<Tally> {
  const code = await run(process.execPath, ['node_modules/eslint/bin/eslint.js', '--config', '.config/eslint.config.js', '--max-warnings', '0', '.']);
  console.log(`lint: ${code === 0 ? 'clean' : 'FAILED'}`);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

const { values } = parseArgs({ options: { tier: { type: 'string' }, grep: { type: 'string' } } });
if (values.tier !== undefined && !TIERS.some(({ name }) => name === values.tier)) {
  console.error(`--tier ${values.tier}: there are ${TIERS.map(({ name }) => name).join(', ')}`);
  process.exit(64);
}
const total: Tally = { passed: 0, failed: 0, skipped: 0 };
const count = (tally: Tally): void => {
  total.passed += tally.passed;
  total.failed += tally.failed;
  total.skipped += tally.skipped;
};
if (values.tier === undefined && values.grep === undefined) count(await lint());
for (const tier of TIERS) {
  if (values.tier === undefined || values.tier === tier.name) count(await runTier(tier, values.grep));
}
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
