/** Signals, to a real process. */
import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { join } from 'node:path';
import { projectRoot } from '../../helpers/project-root.js';

const CODE = `
const { handleSignals } = await import(${JSON.stringify(join(projectRoot, 'dist/agent/service/signals.js'))});
const { stop, onReload } = handleSignals(process, () => process.exit(75));
stop.addEventListener('abort', () => console.log('stop'));
const off = onReload(() => { if (process.argv[1] === 'once') off(); console.log('reload'); });
setInterval(() => undefined, 1000);
console.log('up');
`;

/** Sends each signal when the one before it was answered. */
function answersTo(signals: readonly NodeJS.Signals[], mode = ''): Promise<{ readonly lines: string[]; readonly code: number | null; readonly signal: string | null }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', CODE, mode], { stdio: ['ignore', 'pipe', 'inherit'] });
    const left = [...signals];
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      const next = left.shift();
      if (next !== undefined) child.kill(next);
      else child.kill('SIGKILL');
    });
    child.once('exit', (code, signal) => resolve({ lines: out.trimEnd().split('\n'), code, signal }));
  });
}

describe('signals', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} asks to stop, a second one ends the process at once`, async () => {
      expect(await answersTo([signal, signal])).to.deep.equal({ lines: ['up', 'stop'], code: 75, signal: null });
    });
  }

  it('INT behind TERM ends at once too', async () => {
    expect(await answersTo(['SIGTERM', 'SIGINT'])).to.include({ code: 75 });
  });

  it('HUP asks for a reload, as often as it comes, and ends nothing', async () => {
    expect(await answersTo(['SIGHUP', 'SIGHUP', 'SIGTERM'])).to.deep.equal({ lines: ['up', 'reload', 'reload', 'stop'], code: null, signal: 'SIGKILL' });
  });

  it('HUP ends the process as usual when nobody wants to know any more', async () => {
    expect(await answersTo(['SIGHUP', 'SIGHUP'], 'once')).to.deep.equal({ lines: ['up', 'reload'], code: null, signal: 'SIGHUP' });
  });
});
