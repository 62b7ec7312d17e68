/**
 * YAML text -> tree. Strict: one document, YAML 1.2 core (no `yes`/`no`), no tags, keys are text and unique, few
 * aliases, bounded size, depth and number of nodes. Everything wrong is reported; undefined when the text is no YAML.
 */
import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseAllDocuments, type Document, type Node, type Pair, type YAMLError } from 'yaml';
import type { Place, Problems } from './problem.js';
import { EMPTY_MAP, type Entry, type TreeNode } from './tree.js';
import { unquotedBraces, yamlComplaint } from './yaml-words.js';

export const LIMITS = { bytes: 1 << 20, depth: 24, nodes: 50_000, aliases: 100, syntaxErrors: 20 } as const;

/** The text must be without a byte order mark. */
export function yamlTree(text: string, problems: Problems): TreeNode | undefined {
  const lines = new LineCounter();
  const start = { line: 1, column: 1 };
  if (text.length > LIMITS.bytes) return refuse(problems, start, { message: 'is larger than 1 MiB', fix: 'give the agent its configuration file' });
  const control = /[^\P{Cc}\t\n\r]/u.exec(text);
  if (control !== null) return refuse(problems, placeIn(text, control.index), { message: 'holds a control character', fix: 'remove it; is this the right file?' });
  // The parser recurses, and a deep enough text ends the process instead of throwing.
  const deep = tooDeep(text);
  if (deep !== undefined) return refuse(problems, placeIn(text, deep), yamlComplaint('RESOURCE_EXHAUSTION'));
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, version: '1.2', schema: 'core', strict: true, uniqueKeys: false, merge: false, logLevel: 'silent' });
  const documents = Array.isArray(parsed) ? (parsed as readonly Document.Parsed[]) : [];
  const errors = documents.flatMap((document) => document.errors);
  if (errors.length > 0) return reportSyntax(errors, { text, lines, problems });
  if (documents.length > 1) {
    const { line, col } = lines.linePos(documents[1].range[0]);
    problems.error({ line, column: col }, [], { message: 'a second YAML document begins here', fix: 'remove the line "---" and what does not belong' });
  }
  const contents = documents[0]?.contents;
  return contents === null || contents === undefined ? EMPTY_MAP : new TreeBuilder(documents[0], lines, problems).build(contents);
}

function refuse(problems: Problems, place: Place, words: { readonly message: string; readonly fix: string }): undefined {
  problems.error(place, [], words);
  return undefined;
}

/** Offset at which flow brackets, or `- - -` in one line, nest too deep. */
function tooDeep(text: string): number | undefined {
  let offset = 0;
  let flow = 0;
  let inLine = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++;
    else if (token === ']' || token === '}') flow = Math.max(0, flow - 1);
    else if (token === '-' || token === '?' || token === ':') inLine++;
    else if (token.includes('\n')) inLine = 0;
    // A token of one control character is the lexer's own mark and not in the text.
    if (token.length > 1 || token >= ' ' || token === '\n' || token === '\t') offset += token.length;
    if (flow > LIMITS.depth || (flow === 0 && inLine > LIMITS.depth)) return offset - 1;
  }
  return undefined;
}

/** The first error of each line: what follows on the line is mostly its consequence. */
function reportSyntax(errors: readonly YAMLError[], { text, lines, problems }: { readonly text: string; readonly lines: LineCounter; readonly problems: Problems }): undefined {
  const seen = new Set<number>();
  for (const { code, pos } of errors) {
    const { line, col } = lines.linePos(pos[0]);
    if (seen.has(line) || seen.size >= LIMITS.syntaxErrors) continue;
    seen.add(line);
    problems.error({ line, column: col }, [], unquotedBraces(text, pos[0]) ?? yamlComplaint(code));
  }
  return undefined;
}

function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

class TreeBuilder {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  readonly #problems: Problems;
  #nodes = 0;
  #aliases = 0;

  constructor(document: Document.Parsed, lines: LineCounter, problems: Problems) {
    this.#document = document;
    this.#lines = lines;
    this.#problems = problems;
  }

  build(contents: Node): TreeNode {
    return this.#node(contents, [], this.#place(contents));
  }

  #node(node: Node | null, path: readonly string[], near: Place): TreeNode {
    const place = node === null ? near : this.#place(node);
    if (node === null) return { kind: 'scalar', place, value: null, source: '', broken: false };
    if (++this.#nodes > LIMITS.nodes || path.length > LIMITS.depth) return this.#broken(place, path, yamlComplaint('RESOURCE_EXHAUSTION'));
    if (isAlias(node)) {
      const target = ++this.#aliases > LIMITS.aliases ? undefined : node.resolve(this.#document);
      if (target === undefined) return this.#broken(place, path, yamlComplaint(this.#aliases > LIMITS.aliases ? 'RESOURCE_EXHAUSTION' : 'BAD_ALIAS'));
      return this.#node(target, path, place);
    }
    if (node.tag !== undefined) return this.#broken(place, path, yamlComplaint('TAG_RESOLVE_FAILED'));
    if (isMap(node)) return { kind: 'map', place, entries: this.#entries(node.items as readonly Pair<Node | null, Node | null>[], path, place) };
    if (isSeq(node)) return { kind: 'list', place, items: node.items.map((item, index) => this.#node(item as Node | null, [...path, `[${index}]`], place)) };
    return this.#scalar(node, path, place);
  }

  #scalar(node: Node, path: readonly string[], place: Place): TreeNode {
    const value: unknown = isScalar(node) ? node.value : undefined;
    // A lone `&word` is an anchor on nothing: most likely meant as text.
    if (value === null && isScalar(node) && node.anchor !== undefined) return this.#broken(place, path, yamlComplaint('MULTIPLE_ANCHORS'));
    if (value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) {
      return { kind: 'scalar', place, value, source: typeof value === 'string' ? value : ((isScalar(node) ? node.source : undefined) ?? String(value)), broken: false };
    }
    return this.#broken(place, path, { message: 'is not a number that can be used', fix: 'write a plain number' });
  }

  #entries(items: readonly Pair<Node | null, Node | null>[], path: readonly string[], near: Place): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (const { key, value } of items) {
      const place = key === null ? near : this.#place(key);
      const name: unknown = isScalar(key) ? key.value : undefined;
      if (typeof name !== 'string' || name === '' || name === '__proto__') {
        this.#problems.error(place, path, { message: 'has a key that is not text', fix: 'write the key as a word, or put it in quotes' });
        continue;
      }
      const first = entries.get(name);
      if (first !== undefined) {
        this.#problems.error(place, [...path, name], { message: `stands twice, first in line ${first.place.line}`, fix: 'remove one of the two' });
        continue;
      }
      entries.set(name, { key: name, place, value: this.#node(value, [...path, name], place) });
    }
    return entries;
  }

  #broken(place: Place, path: readonly string[], words: { readonly message: string; readonly fix: string }): TreeNode {
    this.#problems.error(place, path, words);
    return { kind: 'scalar', place, value: null, source: '', broken: true };
  }

  #place(node: Node): Place {
    const { line, col } = this.#lines.linePos(node.range?.[0] ?? 0);
    return { line, column: col };
  }
}
