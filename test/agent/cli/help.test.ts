/** The help of every verb, as a terminal of 80 columns shows it. */
import { Writable } from 'node:stream';
import { expect } from 'chai';
import type { Command } from 'commander';
import type { CliIo } from '../../../agent/cli/io.js';
import { makeProgram } from '../../../agent/cli/program.js';

let written = '';
const sink = new Writable({ write: (chunk: Buffer, _encoding, done) => { written += chunk.toString(); done(); } });
const io: CliIo = { stdout: sink, stderr: sink, env: {}, cwd: '/', signal: new AbortController().signal, setExitCode: () => undefined };

/** Words after the program's name, of every command that there is. */
function verbsOf(command: Command, words: readonly string[] = []): string[][] {
  return [[...words], ...command.commands.flatMap((one) => verbsOf(one, [...words, one.name()]))];
}

async function helpOf(words: readonly string[]): Promise<string> {
  written = '';
  await makeProgram(io).parseAsync(['node', 'agent', ...words, '--help']).catch(() => undefined);
  return written;
}

describe('help', () => {
  const verbs = verbsOf(makeProgram(io));

  it('is asked for of every verb', () => {
    expect(verbs.map((words) => words.join(' '))).to.include.members(['', 'run', 'check', 'inspect', 'status', 'replay', 'owner', 'config validate', 'schema dump', 'version']);
  });

  for (const words of verbs) {
    it(`of ${['cassandra-cdc-agent', ...words].join(' ')} shows an example of it, in 80 columns`, async () => {
      const text = await helpOf(words);
      const examples = /^Examples?:\n((?: {2}.*\n)+)/m.exec(text)?.[1] ?? '';
      const own = new RegExp(`cassandra-cdc-agent(-as-service)? ${words.join(' ')}`);
      expect(examples.split('\n').filter((line) => own.test(line)), text).to.not.deep.equal([]);
      expect(text.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    });
  }
});
