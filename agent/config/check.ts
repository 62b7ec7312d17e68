/**
 * Checks a tree against the declaration: strict, to the end, every mistake with its place and its fix. What can't be
 * used comes back as undefined; the caller looks at the problems before it trusts the value.
 */
import { needsValue, type AnyMap, type AnyNode, type AnySection, type Option } from './declare.js';
import type { Place, Problems } from './problem.js';
import { resolveReferences, type ReferenceSources } from './references.js';
import { nodeAt, type MapNode, type ScalarNode, type TreeNode } from './tree.js';
import { unknownKey, type UnknownKey } from './unknown-key.js';
import type { Given, Plain, ValueType } from './value-type.js';

export interface CheckContext {
  readonly problems: Problems;
  readonly sources: ReferenceSources;
  /** Of the configuration file, absolute. */
  readonly directory: string;
}

export class Checker {
  readonly #context: CheckContext;
  /** Scalars whose text came out of a reference. */
  readonly #referenced = new Set<TreeNode>();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  /** `tree` undefined: not in the file; `near` is then where it would belong. */
  check(node: AnyNode, tree: TreeNode | undefined, path: readonly string[], near: Place): unknown {
    if (tree?.kind === 'scalar' && tree.broken) return undefined;
    if (node.kind === 'option') return this.#option(node, tree, path, near);
    if (node.kind === 'map') return this.#map(node, tree, path);
    return this.#section(node, tree, path, near);
  }

  #section(node: AnySection, tree: TreeNode | undefined, path: readonly string[], near: Place): unknown {
    if (tree === undefined && node.optional) return undefined;
    if (tree !== undefined && tree.kind !== 'map' && (node.optional || !isEmpty(tree))) return this.#noSection(node, tree, path);
    const entries: MapNode['entries'] = tree?.kind === 'map' ? tree.entries : new Map();
    const strangers: UnknownKey[] = [];
    for (const entry of entries.values()) {
      if (Object.hasOwn(node.members, entry.key)) continue;
      const stranger = unknownKey(entry.key, path, node);
      strangers.push(stranger);
      this.#context.problems.error(entry.place, [...path, stranger.shown], stranger);
    }
    const value: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(node.members)) {
      const entry = entries.get(key);
      // A misspelt key is one mistake, not two.
      if (entry === undefined && needsValue(member) && strangers.some(({ meant }) => meant === key)) continue;
      value[key] = this.check(member, entry?.value, [...path, key], entry?.place ?? tree?.place ?? near);
    }
    return value;
  }

  #noSection(node: AnySection, tree: TreeNode, path: readonly string[]): undefined {
    const keys = Object.keys(node.members).join(', ');
    const name = path.at(-1) ?? '';
    if (isEmpty(tree)) this.#context.problems.error(tree.place, path, { message: 'is empty', fix: `write its keys below it, indented (${keys}), "${name}: {}" for all defaults, or remove the line` });
    else if (node.optional && isSwitch(tree)) this.#context.problems.error(tree.place, path, { message: 'must be a section, is on or off', fix: `to turn it on write "${name}: {}", to turn it off remove the line` });
    else if (tree.kind === 'list') this.#context.problems.error(tree.place, path, { message: 'must be a section, is a list', fix: `remove the "-" or [ ]; its keys are ${keys}` });
    else this.#context.problems.error(tree.place, path, { message: path.length === 0 ? 'must be sections with keys, is one value' : 'must be a section, is one value', fix: `write its keys below it, indented: ${keys}` });
    return undefined;
  }

  #map(node: AnyMap, tree: TreeNode | undefined, path: readonly string[]): ReadonlyMap<string, unknown> | undefined {
    const values = new Map<string, unknown>();
    if (tree === undefined || isEmpty(tree)) return values;
    if (tree.kind !== 'map') {
      this.#context.problems.error(tree.place, path, { message: `must be a section, is ${tree.kind === 'list' ? 'a list' : 'one value'}`, fix: `write for example { ${node.example} }` });
      return undefined;
    }
    for (const { key, place, value } of tree.entries.values()) {
      if (!node.key.schema.safeParse(key).success) this.#context.problems.error(place, [...path, key], node.key.explain(this.#given(key, key, false)));
      values.set(key, this.check(node.value, value, [...path, key], place));
    }
    return values;
  }

  #option(node: Option<unknown>, tree: TreeNode | undefined, path: readonly string[], near: Place): unknown {
    if (tree === undefined) {
      if (node.need === 'default') return node.type.schema.parse(node.default);
      if (node.need === 'required') this.#context.problems.error(near, path, { message: 'is required', fix: `add ${asFlow(path, node.example)}` });
      return undefined;
    }
    const before = this.#context.problems.errors.length;
    const plain = this.#plain(tree, node.type, path);
    if (this.#context.problems.errors.length > before || hasBroken(tree)) return undefined;
    const result = node.type.schema.safeParse(plain);
    if (result.success) return result.data;
    const seen = new Set<string>();
    for (const issue of result.error.issues) this.#complain({ node, tree, path, issuePath: issue.path }, seen);
    return undefined;
  }

  /** Goes down to the list item that is wrong, and lets its type find the words. */
  #complain({ node, tree, path, issuePath }: { readonly node: Option<unknown>; readonly tree: TreeNode; readonly path: readonly string[]; readonly issuePath: readonly PropertyKey[] }, seen: Set<string>): void {
    let type: ValueType<unknown> = node.type;
    const down: number[] = [];
    for (const part of issuePath) {
      if (type.item === undefined || typeof part !== 'number') break;
      type = type.item;
      down.push(part);
    }
    const where = down.join('.');
    if (seen.has(where)) return;
    seen.add(where);
    const at = nodeAt(tree, down) ?? tree;
    const shown = type.secret === true ? '***' : at.kind === 'scalar' ? at.source : '';
    const value = at.kind === 'scalar' ? at.value : skeleton(at);
    this.#context.problems.error(at.place, [...path, ...down.map((index) => `[${index}]`)], type.explain(this.#given(value, shown, this.#referenced.has(at))));
  }

  #given(value: unknown, shown: string, fromReference: boolean): Given {
    return { value, shown, fromReference, directory: this.#context.directory };
  }

  #plain(tree: TreeNode, type: ValueType<unknown>, path: readonly string[]): Plain {
    if (tree.kind === 'list') return tree.items.map((item, index) => this.#plain(item, type.item ?? type, [...path, `[${index}]`]));
    if (tree.kind === 'map') return Object.fromEntries([...tree.entries.values()].map(({ key, value }) => [key, this.#plain(value, type, [...path, key])]));
    return typeof tree.value === 'string' ? this.#resolve(tree, tree.value, { type, path }) : tree.value;
  }

  #resolve(tree: ScalarNode, source: string, { type, path }: { readonly type: ValueType<unknown>; readonly path: readonly string[] }): Plain {
    const { text, fromReference, errors, warnings } = resolveReferences(source, this.#context.sources, type.secret === true);
    for (const words of errors) this.#context.problems.error(tree.place, path, words);
    for (const words of warnings) this.#context.problems.warn(tree.place, path, words);
    if (!fromReference) return text;
    this.#referenced.add(tree);
    if (type.scalar === 'number' && /^-?\d{1,15}$/.test(text)) return Number(text);
    if (type.scalar === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true';
    return text;
  }
}

function isEmpty(tree: TreeNode): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}

function isSwitch(tree: TreeNode): boolean {
  return tree.kind === 'scalar' && /^(?:true|false|on|off|yes|no)$/i.test(tree.source);
}

function hasBroken(tree: TreeNode): boolean {
  if (tree.kind === 'scalar') return tree.broken;
  if (tree.kind === 'list') return tree.items.some(hasBroken);
  return [...tree.entries.values()].some(({ value }) => hasBroken(value));
}

/** The written values, unresolved: words are made from what the file shows. */
function skeleton(tree: TreeNode): Plain {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(skeleton);
  return Object.fromEntries([...tree.entries.values()].map(({ key, value }) => [key, skeleton(value)]));
}

/** `kafka: { brokers: [..] }`: valid YAML on one line. */
function asFlow(path: readonly string[], example: string): string {
  const value = /^\$|\{/.test(example) && !/^["[{]/.test(example) ? `"${example}"` : example;
  return path.slice(1).reduceRight((inner, _key, index) => `${path[index]}: { ${inner} }`, `${path.at(-1) ?? ''}: ${value}`);
}
