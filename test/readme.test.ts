/** The README shows what the commands print. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot } from './helpers/project-root.js';

interface Printed {
  readonly topic: string;
  readonly key: unknown;
  readonly value: Record<string, unknown>;
}

const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
const scripts = (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts;

describe('README', () => {
  it('shows an event as `run` prints it', () => {
    const { stdout, status } = spawnSync(process.execPath, [join(projectRoot, 'dist/agent/main.js'), 'run'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    expect(status).to.equal(0);
    const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? '') as Record<string, unknown>;
    const printed = stdout.trim().split('\n').map((line) => JSON.parse(line) as Printed).find(({ value }) => value.id === shown.id);
    expect(printed).to.not.equal(undefined);
    expect({ ...printed?.value, ts_ms: shown.ts_ms }).to.deep.equal(shown);
    expect(readme).to.include(`on the topic \`${printed?.topic}\` under the key \`${JSON.stringify(printed?.key)}\``);
  });

  it('names commands and files that exist', () => {
    for (const [, name] of readme.matchAll(/npm (?:run )?([a-z:]+)/g)) expect(scripts, `npm ${name}`).to.have.property(name);
    for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g)) expect(existsSync(join(projectRoot, path)), path).to.equal(true);
  });
});
