/** The structure is a promise: rooms, the direction of imports, sizes. Read from the sources themselves. */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { projectRoot } from './helpers/project-root.js';

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 80;
const PARSER_BUILTINS = new Set(['node:zlib', 'node:buffer', 'node:crypto']);
const PARSER_PACKAGES = new Set(['snappyjs', 'fzstd', 'binary-parser']);
/** Globals that do I/O or know the time. */
const PARSER_FORBIDDEN = /\b(process|console|setTimeout|setInterval|setImmediate|fetch|Date\.now|new Date)\b/;

/** Rooms of agent/ from the top down: a file imports its own room and those below. */
const LAYERS: readonly (readonly string[])[] = [
  ['agent/main.ts'],
  ['agent/cli'],
  ['agent/pipeline'],
  ['agent/source', 'agent/schema', 'agent/ring', 'agent/events', 'agent/serializer', 'agent/publisher', 'agent/checkpoint', 'agent/inspect', 'agent/check', 'agent/service', 'agent/embedded'],
  ['agent/observe', 'agent/config', 'agent/cassandra', 'agent/files', 'agent/clock.ts', 'agent/errors.ts', 'agent/errors-table.ts', 'agent/version.ts'],
  ['parsers'],
];
/** The data flow: a stage may name the types of the stages before it. */
const STAGE_ORDER = ['agent/source', 'agent/schema', 'agent/ring', 'agent/events', 'agent/serializer', 'agent/publisher', 'agent/checkpoint'];

interface Source {
  readonly path: string;
  readonly text: string;
  readonly node: ts.SourceFile;
}

function sources(directory: string): Source[] {
  return readdirSync(join(projectRoot, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
    .map((entry) => {
      const path = relative(projectRoot, join(entry.parentPath, entry.name));
      const text = readFileSync(join(projectRoot, path), 'utf8');
      return { path, text, node: ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true) };
    });
}

interface Import {
  readonly from: string;
  /** A file of the project, or a package's or builtin's name. */
  readonly to: string;
  readonly isType: boolean;
}

function importsOf({ path, node }: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: string, isType: boolean): void => {
    const to = specifier.startsWith('.') ? normalize(join(dirname(path), specifier)).replace(/\.js$/, '.ts') : specifier;
    found.push({ from: path, to, isType });
  };
  const visit = (child: ts.Node): void => {
    if (ts.isImportDeclaration(child)) {
      const clause = child.importClause;
      const bindings = clause?.namedBindings;
      const onlyTypes = clause?.isTypeOnly === true || (bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly));
      add((child.moduleSpecifier as ts.StringLiteral).text, onlyTypes);
    } else if (ts.isExportDeclaration(child) && child.moduleSpecifier !== undefined) {
      add((child.moduleSpecifier as ts.StringLiteral).text, child.isTypeOnly);
    } else if (ts.isCallExpression(child) && child.expression.kind === ts.SyntaxKind.ImportKeyword && ts.isStringLiteral(child.arguments[0])) {
      add(child.arguments[0].text, false);
    }
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

function inRoom(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

function layerOf(path: string): number {
  return LAYERS.findIndex((rooms) => rooms.some((room) => inRoom(path, room)));
}

/** Null when the import is allowed, else why not. */
export function importProblem({ from, to, isType }: Import): string | null {
  const isProject = to.endsWith('.ts');
  if (from.startsWith('parsers/')) {
    if (isProject) return to.startsWith('parsers/') ? null : 'parsers/ imports only itself';
    return PARSER_BUILTINS.has(to) || PARSER_PACKAGES.has(to) ? null : 'parsers/ is pure';
  }
  if (!isProject) return null;
  if (to.startsWith('test/')) return 'the product does not import its tests';
  const [upper, lower] = [layerOf(from), layerOf(to)];
  if (upper < 0 || lower < 0) return 'not a room of the architecture';
  if (lower < upper) return 'imports go downwards';
  if (lower > upper) return null;
  const [own, other] = [from, to].map((path) => LAYERS[upper].find((room) => inRoom(path, room)));
  if (own === other || upper === LAYERS.length - 2 || upper === 1) return null;
  const [at, of] = [own, other].map((room) => STAGE_ORDER.indexOf(room ?? ''));
  return isType && of >= 0 && at > of ? null : 'sibling stages do not import each other (types of an earlier stage excepted)';
}

function functionsLongerThan(limit: number, { path, node }: Source): string[] {
  const long: string[] = [];
  const visit = (child: ts.Node): void => {
    if (ts.isFunctionLike(child) && 'body' in child && child.body !== undefined) {
      const [first, last] = [child.getStart(), child.end].map((at) => node.getLineAndCharacterOfPosition(at).line);
      if (last - first + 1 > limit) long.push(`${path}:${first + 1} ${last - first + 1} lines`);
    }
    ts.forEachChild(child, visit);
  };
  visit(node);
  return long;
}

describe('structure', () => {
  const product = [...sources('parsers'), ...sources('agent')];
  const all = [...product, ...sources('test')];

  it('imports in one direction', () => {
    const wrong = product.flatMap(importsOf).flatMap((one) => {
      const problem = importProblem(one);
      return problem === null ? [] : [`${one.from} -> ${one.to}: ${problem}`];
    });
    expect(wrong).to.deep.equal([]);
  });

  it('notices a wrong import', () => {
    const problem = (from: string, to: string, isType = false): string | null => importProblem({ from, to, isType });
    expect(problem('parsers/db/row.ts', 'node:fs')).to.equal('parsers/ is pure');
    expect(problem('parsers/db/row.ts', 'agent/errors.ts')).to.equal('parsers/ imports only itself');
    expect(problem('agent/events/event.ts', 'agent/pipeline/agent.ts')).to.equal('imports go downwards');
    expect(problem('agent/events/event.ts', 'agent/source/segment.ts')).to.include('sibling stages');
    expect(problem('agent/events/event.ts', 'agent/source/segment.ts', true)).to.equal(null);
    expect(problem('agent/source/segment.ts', 'agent/events/event.ts', true)).to.include('sibling stages');
    expect(problem('agent/pipeline/agent.ts', 'agent/events/event.ts')).to.equal(null);
    expect(problem('agent/zoo/lion.ts', 'agent/errors.ts')).to.equal('not a room of the architecture');
  });

  it('keeps parsers/ free of I/O, timers and clocks', () => {
    const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '').replace(/(['"`])(?:\\.|(?!\1)[\s\S])*?\1/g, "''");
    const wrong = product.filter(({ path }) => path.startsWith('parsers/')).filter(({ text }) => PARSER_FORBIDDEN.test(withoutComments(text)));
    expect(wrong.map(({ path }) => path)).to.deep.equal([]);
    expect(PARSER_FORBIDDEN.test(withoutComments('const now = Date.now();'))).to.equal(true);
  });

  it(`keeps files under ${MAX_FILE_LINES} lines`, () => {
    const lines = (text: string): number => text.split('\n').length - 1;
    const long = all.filter(({ text }) => lines(text) > MAX_FILE_LINES).map(({ path, text }) => `${path} ${lines(text)}`);
    expect(long).to.deep.equal([]);
  });

  it(`keeps functions under ${MAX_FUNCTION_LINES} lines`, () => {
    expect(product.flatMap((source) => functionsLongerThan(MAX_FUNCTION_LINES, source))).to.deep.equal([]);
  });

  it('keeps escape hatches out', () => {
    const hatch = new RegExp(['@ts-' + 'ignore', '@ts-' + 'nocheck', '\\b(?:describe|it)' + '\\.only\\('].join('|'));
    expect(all.filter(({ text, node }) => hatch.test(text) || hasAny(node)).map(({ path }) => path)).to.deep.equal([]);
    expect(hasAny(ts.createSourceFile('x.ts', 'const x = y as any;', ts.ScriptTarget.ES2023, true))).to.equal(true);
  });
});

function hasAny(node: ts.Node): boolean {
  return node.kind === ts.SyntaxKind.AnyKeyword || ts.forEachChild(node, hasAny) === true;
}
