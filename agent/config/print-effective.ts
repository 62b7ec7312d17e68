/** The configuration in force: what the file gives, defaults filled in, secrets as stars, references as written. */
import type { AnyNode, AnySection, Option } from './declare.js';
import type { TreeNode } from './tree.js';
import type { Plain } from './value-type.js';
import { flowYaml } from './yaml-text.js';

const STARS = '***';

/** YAML. The tree must have passed the check. */
export function printEffective(declaration: AnySection, tree: TreeNode): string {
  return block(effective(declaration, tree), '');
}

/** The same as a plain value, for JSON. */
export function effective(node: AnyNode, tree: TreeNode | undefined): Plain | undefined {
  if (node.kind === 'option') return optionValue(node, tree);
  const entries = tree?.kind === 'map' ? tree.entries : new Map<string, { readonly value: TreeNode }>();
  const value: Record<string, Plain> = {};
  if (node.kind === 'map') {
    for (const [key, entry] of entries) value[key] = effective(node.value, entry.value) ?? null;
    return value;
  }
  if (tree === undefined && node.optional) return undefined;
  for (const [key, member] of Object.entries(node.members)) {
    const inner = effective(member, entries.get(key)?.value);
    if (inner !== undefined) value[key] = inner;
  }
  return value;
}

function optionValue(option: Option<unknown>, tree: TreeNode | undefined): Plain | undefined {
  if (tree === undefined) return option.default;
  return option.type.secret === true ? STARS : written(tree);
}

function written(tree: TreeNode): Plain {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(written);
  return Object.fromEntries([...tree.entries.values()].map(({ key, value }) => [key, written(value)]));
}

function block(value: Plain | undefined, indent: string): string {
  if (value === undefined || value === null || typeof value !== 'object' || Array.isArray(value)) return '';
  let text = '';
  for (const [key, item] of Object.entries<Plain>(value as { readonly [key: string]: Plain })) {
    const nested = item !== null && typeof item === 'object' && !Array.isArray(item) && Object.keys(item).length > 0;
    text += nested ? `${indent}${flowYaml(key)}:\n${block(item, `${indent}  `)}` : `${indent}${flowYaml(key)}: ${flowYaml(item)}\n`;
  }
  return text;
}
