/** The tables of the troubleshooting page against the sources: each code that is thrown is explained, and none besides. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { ERRORS, FAMILY_EXIT, type ErrorFamily, type ErrorHelp } from '../../agent/errors-table.js';
import { ConfigError, IoError, RetryableError, UsageError } from '../../agent/errors.js';
import { HAPPENINGS_HELP } from '../../agent/observe/happenings-help.js';
import { HAPPENINGS, type Happening } from '../../agent/observe/happenings-table.js';
import { OversizeEventError } from '../../agent/publisher/kafka/faults.js';
import { CORRUPT_CODES } from '../../parsers/errors.js';
import { projectRoot } from '../helpers/project-root.js';

const FAMILY_OF: Readonly<Record<string, ErrorFamily>> = { UsageError: 'usage', ConfigError: 'config', IoError: 'io', RetryableError: 'retryable', AnotherAgentError: 'config', OversizeEventError: 'config' };
/** These give their code themselves. */
const WITH_OWN_CODE = new Set(['AnotherAgentError', 'OversizeEventError']);
const CODE = /^[A-Za-z][A-Za-z0-9_]*$/;

function sources(room: string): ts.SourceFile[] {
  return readdirSync(join(projectRoot, room), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    .map((name) => ts.createSourceFile(join(room, name), readFileSync(join(projectRoot, room, name), 'utf8'), ts.ScriptTarget.ES2023, true));
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Literals that callers in the same file give for the parameter that the code comes from. */
function givenFor(name: string, at: ts.Node, file: ts.SourceFile): string[] {
  let within: ts.Node = at;
  while (!ts.isFunctionDeclaration(within) && !ts.isSourceFile(within)) within = within.parent;
  if (!ts.isFunctionDeclaration(within)) return [];
  const index = within.parameters.findIndex((parameter) => parameter.name.getText() === name);
  const called = within.name?.text;
  const found: string[] = [];
  walk(file, (node) => {
    if (!ts.isCallExpression(node) || node.expression.getText() !== called) return;
    const given = node.arguments.at(index);
    if (given !== undefined && ts.isStringLiteralLike(given)) found.push(given.text);
  });
  return found;
}

/** `family code` of each place that makes an error for the operator; places whose code can't be read off. */
export function thrown(files: readonly ts.SourceFile[]): { readonly codes: Set<string>; readonly unclear: string[] } {
  const codes = new Set<string>();
  const unclear: string[] = [];
  for (const file of files) {
    let ofClass: string | undefined;
    walk(file, (node) => {
      if (ts.isClassDeclaration(node)) ofClass = node.name?.text;
      const isSuper = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
      if (!isSuper && !ts.isNewExpression(node)) return;
      const name = isSuper ? (ofClass ?? '') : node.expression.getText();
      const family = FAMILY_OF[name];
      if (family === undefined || (isSuper !== WITH_OWN_CODE.has(name))) return;
      const code = node.arguments?.at(0);
      const found = code === undefined ? [] : ts.isStringLiteralLike(code) ? [code.text] : ts.isIdentifier(code) ? givenFor(code.text, node, file) : [];
      if (found.length === 0 || !found.every((one) => CODE.test(one))) unclear.push(`${file.fileName}: ${code?.getText() ?? ''}`);
      for (const one of found) codes.add(`${family} ${one}`);
    });
  }
  return { codes, unclear };
}

describe('the tables of errors and log lines', () => {
  const agent = sources('agent');
  const parsers = sources('parsers');

  it('has each code that is thrown, under the family of its class, and no other', () => {
    const { codes, unclear } = thrown(agent);
    // They take over code and words of an error that is made elsewhere.
    expect(unclear).to.deep.equal(['agent/cassandra/session.ts: error.code', 'agent/pipeline/part-messages.ts: failure.code']);
    const all: readonly (readonly [string, ErrorHelp])[] = Object.entries(ERRORS);
    expect([...codes].sort()).to.deep.equal(all.flatMap(([code, { families }]) => families.map((family) => `${family} ${code}`)).sort());
  });

  it('sees a code that comes through a parameter, a class with its own, and a family that is wrong', () => {
    const seen = (text: string): string[] => [...thrown([ts.createSourceFile('x.ts', text, ts.ScriptTarget.ES2023, true)]).codes];
    expect(seen('function f(code: string) { throw new IoError(code, \'\'); } f(\'one\'); f(\'two\');')).to.deep.equal(['io one', 'io two']);
    expect(seen('class AnotherAgentError extends ConfigError { constructor() { super(\'own\', \'\'); } }')).to.deep.equal(['config own']);
    expect(seen('new RetryableError(`three`, \'\')')).to.deep.equal(['retryable three']);
    expect(thrown([ts.createSourceFile('x.ts', 'new UsageError(a.b, \'\')', ts.ScriptTarget.ES2023, true)]).unclear).to.deep.equal(['x.ts: a.b']);
  });

  it('knows every class of an error for the operator', () => {
    const classes: string[] = [];
    for (const file of agent) {
      walk(file, (node) => {
        const base = ts.isClassDeclaration(node) ? node.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0].expression.getText() : undefined;
        if (base !== undefined && (base === 'OperatorError' || base in FAMILY_OF) && ts.isClassDeclaration(node)) classes.push(node.name?.text ?? '');
      });
    }
    expect(classes.sort()).to.deep.equal(Object.keys(FAMILY_OF).sort());
  });

  it('gives the exit status that the classes have', () => {
    expect(FAMILY_EXIT).to.deep.equal({ config: new ConfigError('', '').exitCode, io: new IoError('', '').exitCode, retryable: new RetryableError('', '').exitCode, usage: new UsageError('', '').exitCode });
    expect(new OversizeEventError({ topic: '', bytes: 0, event: '' }).exitCode).to.equal(FAMILY_EXIT.config);
  });

  it('has no code of damage that no reader finds', () => {
    const literals = new Set<string>();
    for (const file of [...agent, ...parsers]) if (!/errors(-table)?\.ts$/.test(file.fileName)) walk(file, (node) => ts.isStringLiteralLike(node) && literals.add(node.text));
    expect(Object.keys(CORRUPT_CODES).filter((code) => !literals.has(code))).to.deep.equal([]);
  });

  it('explains each line of level warn and error, and each of them is said somewhere', () => {
    const problems = Object.entries<Happening>(HAPPENINGS).filter(([, { level }]) => level === 'warn' || level === 'error').map(([name]) => name);
    expect(Object.keys(HAPPENINGS_HELP).sort()).to.deep.equal(problems.sort());
    const said = new Set<string>();
    for (const file of agent) {
      walk(file, (node) => {
        const name = ts.isCallExpression(node) && /\breport$/.test(node.expression.getText()) ? node.arguments.at(0) : undefined;
        if (name !== undefined && ts.isStringLiteralLike(name)) said.add(name.text);
      });
    }
    expect(problems.filter((name) => !said.has(name))).to.deep.equal([]);
  });

  it('writes sentences', () => {
    for (const { means, action } of [...Object.values<ErrorHelp>(ERRORS), ...Object.values(HAPPENINGS_HELP)]) for (const text of [means, action]) expect(text).to.match(/^[^\n]{4,}[.)]$/);
  });
});
