/** The man page, from the help of the verbs themselves. */
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { makeProgram } from '../../agent/cli/program.js';
import { EXIT } from '../../agent/errors.js';
import { VERSION } from '../../agent/version.js';

const EXITS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done', problems: 'check or inspect found problems', usage: 'the command line is wrong', unavailable: 'Cassandra or Kafka does not answer',
  bug: 'a fault of the agent itself', io: 'a file can\'t be read or written', tryAgain: 'not now: try again', config: 'the configuration is wrong',
};

/** roff, section 1. */
export function manPage(epoch: number): string {
  const written: string[] = [];
  const stdout = new PassThrough();
  const io = { stdout, stderr: stdout, env: {}, cwd: '/', signal: new AbortController().signal, setExitCode: () => undefined };
  const program = makeProgram(io);
  const helpOf = (command: Command): string => {
    written.length = 0;
    command.configureOutput({ writeOut: (text) => void written.push(text), getOutHelpWidth: () => 80 }).outputHelp();
    return written.join('').trimEnd();
  };
  const verbs = program.commands.flatMap((verb) => (verb.commands.length === 0 ? [verb] : [verb, ...verb.commands]));
  const nameOf = (command: Command): string => (command.parent === null || command.parent === program ? command.name() : `${command.parent.name()} ${command.name()}`);
  const date = new Date(epoch * 1000).toISOString().slice(0, 10);
  return [
    `.TH CASSANDRA\\-CDC\\-AGENT 1 "${date}" "${VERSION}" "cassandra\\-cdc\\-agent"`,
    '.SH NAME', 'cassandra\\-cdc\\-agent \\- change events of a Cassandra node, from its commit log into Kafka',
    '.SH SYNOPSIS', ...verbs.filter(({ commands }) => commands.length === 0).flatMap((verb) => ['.B cassandra\\-cdc\\-agent', roff(`${nameOf(verb)} ${verb.usage()}`), '.br']),
    '.SH DESCRIPTION', roff(program.description()), 'It runs beside each node, as the service', '.BR cassandra\\-cdc\\-agent.service ,', 'and is configured in', '.IR /etc/cassandra\\-cdc\\-agent/agent.yaml .',
    '.SH VERBS', ...verbs.flatMap((verb) => [`.SS ${roff(nameOf(verb))}`, '.nf', ...helpOf(verb).split('\n').map(roff), '.fi']),
    '.SH EXIT STATUS', ...Object.entries(EXIT).flatMap(([name, code]) => ['.TP', `.B ${code}`, roff(EXITS[name as keyof typeof EXIT])]),
    '.SH FILES',
    ...Object.entries({
      '/etc/cassandra-cdc-agent/agent.yaml': 'the configuration', '/etc/credstore/cassandra-cdc-agent.NAME': 'a secret, read as ${credential:NAME}',
      '/var/lib/cassandra-cdc-agent': 'position and schema history; kept when the package is removed, deleted when it is purged',
    }).flatMap(([file, text]) => ['.TP', `.I ${roff(file)}`, roff(text)]),
    '.SH SEE ALSO', '.BR cassandra\\-cdc\\-agent\\-rights (8),', '.BR cassandra\\-cdc\\-agent\\-as\\-service (8),', roff('/usr/share/doc/cassandra-cdc-agent/OPERATIONS.md'), '',
  ].join('\n');
}

/** Section 8, for a script: from what it prints about itself. */
export function scriptManPage({ name, summary, usage, epoch }: { readonly name: string; readonly summary: string; readonly usage: string; readonly epoch: number }): string {
  return [
    `.TH ${roff(name.toUpperCase())} 8 "${new Date(epoch * 1000).toISOString().slice(0, 10)}" "${VERSION}" "cassandra\\-cdc\\-agent"`,
    '.SH NAME', `${roff(name)} \\- ${roff(summary)}`, '.SH SYNOPSIS', '.nf', ...usage.trimEnd().split('\n').map((line) => roff(line.replace(/^usage: /, '       ').replace(/^ {7}/, ''))), '.fi',
    '.SH SEE ALSO', '.BR cassandra\\-cdc\\-agent (1)', '',
  ].join('\n');
}

/** Backslash and hyphen, and what would be a request at the beginning of a line. */
function roff(text: string): string {
  return text.replace(/\\/g, '\\e').replace(/-/g, '\\-').replace(/^([.'])/, '\\&$1');
}
