/** Text of a configuration file -> checked configuration, or one error that names every mistake. */
import type { ConfigProblem } from '../errors.js';
import { Checker } from './check.js';
import { DECLARATION, type AgentConfig } from './declaration.js';
import { Problems } from './problem.js';
import type { ReferenceSources } from './references.js';
import { RULES, type ConfigView } from './rules.js';
import { nodeAt, START, type TreeNode } from './tree.js';
import { yamlTree } from './yaml-tree.js';

export interface ConfigInput {
  readonly text: string;
  /** As the operator named it: begins every message. */
  readonly file: string;
  /** Where the file is, absolute: fixes of relative paths start here. */
  readonly directory: string;
  readonly sources: ReferenceSources;
}

export interface LoadedConfig {
  readonly config: AgentConfig;
  /** Things that work and should still be looked at. */
  readonly warnings: readonly ConfigProblem[];
  /** As written, for printing: references unresolved. */
  readonly tree: TreeNode;
}

/** Throws ConfigError (exit 78) with all mistakes. */
export function loadConfig({ text, file, directory, sources }: ConfigInput): LoadedConfig {
  const problems = new Problems(file);
  const tree = yamlTree(text.replace(/^\ufeff/, ''), problems);
  if (tree === undefined) problems.throwIfAny();
  const root = tree ?? { kind: 'map', place: START, entries: new Map() };
  const config = new Checker({ problems, sources, directory }).check(DECLARATION, root, [], START);
  applyRules(root, config, problems);
  problems.throwIfAny();
  // The checker builds what the declaration says, and AgentConfig is inferred from the same declaration.
  return { config: config as AgentConfig, warnings: problems.warnings, tree: root };
}

function applyRules(tree: TreeNode, config: unknown, problems: Problems): void {
  const view: ConfigView = {
    has: (key) => {
      const node = nodeAt(tree, key.split('.'));
      return node !== undefined && !(node.kind === 'scalar' && node.value === null && !node.broken);
    },
    value: (key) => key.split('.').reduce<unknown>((value, part) => (value === null || typeof value !== 'object' ? undefined : (value as Record<string, unknown>)[part]), config),
  };
  for (const rule of RULES) {
    const words = rule.broken(view);
    if (words === undefined) continue;
    const path = rule.key.split('.');
    let known = path;
    while (known.length > 0 && nodeAt(tree, known) === undefined) known = known.slice(0, -1);
    const place = nodeAt(tree, known)?.place ?? START;
    if (rule.warning === true) problems.warn(place, path, words);
    else problems.error(place, path, words);
  }
}
