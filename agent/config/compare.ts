/** What a reload changes: options that take effect at once, and options that wait for a restart. */
import { DECLARATION, type AgentConfig } from './declaration.js';
import type { AnyNode } from './declare.js';
import { keyText } from './problem.js';
import { Secret } from './secret.js';

export interface ConfigChanges {
  /** Dotted keys, in the order of the declaration. */
  readonly reloadable: readonly string[];
  readonly needRestart: readonly string[];
}

export function compareConfigs(before: AgentConfig, after: AgentConfig): ConfigChanges {
  const reloadable: string[] = [];
  const needRestart: string[] = [];
  const visit = (node: AnyNode, one: unknown, other: unknown, path: readonly string[]): void => {
    if (equal(one, other)) return;
    if (node.kind === 'option') (node.reloadable ? reloadable : needRestart).push(keyText(path));
    else if (node.kind === 'map') {
      const maps = [one, other].map((value) => (value instanceof Map ? (value as ReadonlyMap<string, unknown>) : new Map<string, unknown>()));
      for (const key of new Set([...maps[0].keys(), ...maps[1].keys()])) visit(node.value, maps[0].get(key), maps[1].get(key), [...path, key]);
    } else if ((one === undefined || other === undefined) && node.optional) needRestart.push(keyText(path));
    else for (const [key, member] of Object.entries(node.members)) visit(member, memberOf(one, key), memberOf(other, key), [...path, key]);
  };
  visit(DECLARATION, before, after, []);
  return { reloadable, needRestart };
}

function memberOf(value: unknown, key: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined;
}

/** Deep equality over what a configuration holds. */
function equal(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return false;
  if (one instanceof Secret || other instanceof Secret) return one instanceof Secret && other instanceof Secret && one.equals(other);
  if (one instanceof Map || other instanceof Map) return one instanceof Map && other instanceof Map && one.size === other.size && [...(one as ReadonlyMap<string, unknown>)].every(([key, value]) => other.has(key) && equal(value, other.get(key)));
  const keys = Object.keys(one);
  return Array.isArray(one) === Array.isArray(other) && keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && equal(memberOf(one, key), memberOf(other, key)));
}
