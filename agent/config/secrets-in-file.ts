/** Secrets that stand in the configuration file itself. */
import type { AnyNode } from './declare.js';
import { keyText, type Place } from './problem.js';
import type { TreeNode } from './tree.js';

export interface LiteralSecret {
  readonly key: string;
  readonly place: Place;
}

export function secretsInFile(node: AnyNode, tree: TreeNode | undefined, path: readonly string[] = []): LiteralSecret[] {
  if (tree === undefined) return [];
  if (node.kind === 'option') {
    const literal = node.type.secret === true && tree.kind === 'scalar' && typeof tree.value === 'string' && !/(^|[^$])\$\{/.test(tree.value);
    return literal ? [{ key: keyText(path), place: tree.place }] : [];
  }
  if (tree.kind !== 'map') return [];
  return [...tree.entries.values()].flatMap(({ key, value }) => {
    const member = node.kind === 'map' ? node.value : Object.hasOwn(node.members, key) ? node.members[key] : undefined;
    return member === undefined ? [] : secretsInFile(member, value, [...path, key]);
  });
}
