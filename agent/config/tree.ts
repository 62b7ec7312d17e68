/** The YAML text as a tree in which every value and key knows its place. Made by yaml-tree.ts, read by check.ts. */
import type { Place } from './problem.js';

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly place: Place;
  readonly value: string | number | boolean | null;
  /** As written, without quotes. */
  readonly source: string;
  /** Under this place an error was already reported: say nothing more. */
  readonly broken: boolean;
}

export interface ListNode {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly TreeNode[];
}

export interface Entry {
  readonly key: string;
  readonly place: Place;
  readonly value: TreeNode;
}

export interface MapNode {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: ReadonlyMap<string, Entry>;
}

export type TreeNode = ScalarNode | ListNode | MapNode;

export const START: Place = { line: 1, column: 1 };
export const EMPTY_MAP: MapNode = { kind: 'map', place: START, entries: new Map() };

/** The node at a path of keys and list indices, or undefined. */
export function nodeAt(root: TreeNode, path: readonly (string | number)[]): TreeNode | undefined {
  let node: TreeNode | undefined = root;
  for (const part of path) {
    if (node?.kind === 'map') node = node.entries.get(String(part))?.value;
    else if (node?.kind === 'list') node = node.items[Number(part)];
    else return undefined;
  }
  return node;
}
