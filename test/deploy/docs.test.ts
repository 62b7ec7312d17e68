/** Operator pages: what they name exists, and what is made from the code is up to date. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { Command } from 'commander';
import { parse, parseAllDocuments } from 'yaml';
import { makeProgram } from '../../agent/cli/program.js';
import { DECLARATION } from '../../agent/config/declaration.js';
import { options } from '../../agent/config/declare.js';
import { METRICS } from '../../agent/observe/metrics-table.js';
import { between, GENERATED } from '../../deploy/docs/generated.js';
import { load } from '../agent/config/world.js';
import { projectRoot } from '../helpers/project-root.js';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
const pages = readdirSync(join(projectRoot, 'deploy')).filter((name) => name.endsWith('.md')).map((name) => `deploy/${name}`);
const unit = read('systemd/cassandra-cdc-agent.service');
const keys = new Set([...options(DECLARATION)].flatMap(({ path }) => path.map((_, index) => path.slice(0, index + 1).join('.'))));
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

/** Everything in backquotes or a code block. */
function code(text: string): string[] {
  return [...text.matchAll(/```[a-z]*\n([\s\S]*?)```/g)].flatMap(([, block]) => block.split('\n')).concat([...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(([, span]) => span));
}

/** Settings that the pages propose for a drop-in, or explain the absence of. */
const NOT_IN_THE_UNIT = ['MemoryDenyWriteExecute=', 'IPAddressAllow=', 'IPAddressDeny=', 'LoadCredentialEncrypted=', 'RestartSteps=', 'RestartMaxDelaySec='];

const silent = new PassThrough();
const program = makeProgram({ stdout: silent, stderr: silent, env: {}, cwd: '/', signal: new AbortController().signal, setExitCode: () => undefined });

/** Null when the words behind `cassandra-cdc-agent` are a verb with options that it has. */
export function commandProblem(words: readonly string[]): string | null {
  let command: Command = program;
  for (const word of words) {
    if (word.startsWith('--')) {
      if (![...command.options, ...program.options].some(({ long }) => long === word) && word !== '--help') return `${command.name()} has no ${word}`;
    } else if (command.commands.length > 0) {
      const next = command.commands.find((one) => one.name() === word);
      if (next === undefined) return `there is no verb ${word}`;
      command = next;
    }
  }
  return null;
}

describe('operator pages', () => {
  for (const page of pages) {
    const text = read(page);
    const spans = code(text);

    it(`${page}: links lead somewhere`, () => {
      for (const [, target] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const [path, anchor] = target.split('#');
        const file = path === '' ? page : join(dirname(page), path);
        expect(existsSync(join(projectRoot, file)), target).to.equal(true);
        if (anchor === undefined) continue;
        const anchors = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));
        expect(anchors, target).to.include(anchor);
      }
    });

    it(`${page}: metrics, configuration keys and error codes exist`, () => {
      for (const [name] of text.matchAll(/\bcassandra_cdc_[a-z_]+\b/g)) if (name !== 'cassandra_cdc_agent') expect(METRICS).to.have.property(name);
      for (const span of spans) {
        const key = /^((?:cassandra|kafka|source|tables|ownership|events|log|http)(?:\.[a-z_]+)+)$/.exec(span)?.[1];
        if (key !== undefined && key !== 'cassandra.yaml') expect(keys.has(key), key).to.equal(true);
      }
    });

    it(`${page}: commands, scripts and systemd settings exist`, () => {
      for (const span of spans) {
        for (const [, words] of span.matchAll(/(?:^|\s)cassandra-cdc-agent(?:-as-service)? ([a-z][^|&;>]*)/g)) if (!/systemctl|journalctl|apt|systemd-analyze/.test(span)) expect(commandProblem(words.trim().split(/\s+/)), span).to.equal(null);
        for (const [, name] of span.matchAll(/npm run ([a-z:]+)/g)) expect(scripts, span).to.have.property(name);
        for (const [, option] of span.matchAll(/^cassandra-cdc-agent-rights (--[a-z-]+)/g)) expect(read('deploy/deb/files/cassandra-cdc-agent-rights')).to.include(`  ${option} `.trimEnd());
        const setting = /^([A-Z][A-Za-z]+=)(\S*)$/.exec(span);
        if (setting !== null && !NOT_IN_THE_UNIT.includes(setting[1])) expect(unit, span).to.include(span);
      }
    });
  }

  it('notices a verb and an option that do not exist', () => {
    expect(commandProblem(['chek'])).to.equal('there is no verb chek');
    expect(commandProblem(['config', 'validate', '--prnt', 'x'])).to.equal('validate has no --prnt');
    expect(commandProblem(['config', 'validate', '--print', 'x'])).to.equal(null);
  });

  it('are up to date with the code: npm run docs changes nothing', () => {
    for (const [path, generate] of Object.entries(GENERATED)) expect(generate(read(path)), `${path}: run npm run docs`).to.equal(read(path));
    expect(() => between('no comments', 'metrics', '')).to.throw('there is no');
  });

  it('give examples of configuration that are right', () => {
    const starter = read('deploy/deb/files/agent.yaml');
    expect(() => load(starter)).to.throw(/kafka\.brokers/);
    expect(load(starter.replace('brokers: []', 'brokers: [k1:9092]')).config.source.spool.directory).to.equal('/var/lib/cassandra/cdc_spool');
    const sidecar = parseAllDocuments(read('deploy/kubernetes/sidecar.yaml')).map((document) => document.toJS() as { kind: string; data?: Record<string, string> });
    const files = { '/run/secrets/cdc/cassandra-password': 'x', '/run/secrets/cdc/kafka-password': 'x' };
    expect(load(sidecar[0].data?.['agent.yaml'] ?? '', { files }).config.state_directory).to.equal('/var/lib/cassandra/cdc_agent/state');
    const role = parse(read('deploy/ansible/roles/cassandra_cdc_agent/defaults/main.yml')) as { cassandra_cdc_agent_config: { source: { spool: { directory: string } } } };
    expect(role.cassandra_cdc_agent_config.source.spool.directory).to.equal('/var/lib/cassandra/cdc_spool');
  });

  it('name every secret that the configuration knows, and the unit loads each', () => {
    const secrets = [...options(DECLARATION)].filter(({ option }) => option.type.secret === true).map(({ option }) => /credential:([\w-]+)/.exec(option.example)?.[1]);
    const loaded = [...unit.matchAll(/^LoadCredential=([\w-]+):cassandra-cdc-agent\.([\w-]+)$/gm)].map(([, id, file]) => [id, file]);
    expect(new Set(loaded.map(([id]) => id))).to.deep.equal(new Set(secrets));
    for (const [id, file] of loaded) expect(file).to.equal(id);
    for (const [id] of loaded) expect(read('deploy/OPERATIONS.md')).to.include(`\`${id}\``);
  });

  it('describe a unit that systemd understands', function () {
    try {
      execFileSync('systemd-analyze', ['--version'], { stdio: 'ignore' });
    } catch {
      this.skip();
    }
    const report = execFileSync('systemd-analyze', ['security', '--offline=yes', '--no-pager', join(projectRoot, 'systemd/cassandra-cdc-agent.service')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    expect(Number(/Overall exposure level[^:]*: ([\d.]+)/.exec(report)?.[1])).to.be.at.most(1.5);
  });
});
