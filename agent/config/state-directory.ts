/** Where a running agent keeps its state, out of its configuration: no secret is resolved, and no other mistake matters. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError, IoError } from '../errors.js';
import { DECLARATION } from './declaration.js';
import { Problems } from './problem.js';
import { nodeAt } from './tree.js';
import { yamlTree } from './yaml-tree.js';

export const DEFAULT_STATE_DIRECTORY = DECLARATION.members.state_directory.default as string;

/** Throws ConfigError, IoError. With `isOptional` a file that is not there says the default. */
export function stateDirectoryOf(file: string, { cwd, isOptional }: { readonly cwd: string; readonly isOptional: boolean }): string {
  const text = readText(resolve(cwd, file), isOptional);
  if (text === undefined) return DEFAULT_STATE_DIRECTORY;
  const problems = new Problems(file);
  const tree = yamlTree(text.replace(/^\ufeff/, ''), problems);
  if (tree === undefined) problems.throwIfAny();
  const node = tree === undefined ? undefined : nodeAt(tree, ['state_directory']);
  if (node === undefined) return DEFAULT_STATE_DIRECTORY;
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value.startsWith('/')) return node.value;
  throw new ConfigError('state_directory_unclear', `${file}: state_directory is not written out as an absolute path`, { fix: 'name it: --state-directory DIRECTORY' });
}

function readText(path: string, isOptional: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (code === 'ENOENT' && isOptional) return undefined;
    throw new IoError('CONFIG_UNREADABLE', `${path} can't be read: ${code}`, { fix: code === 'EACCES' ? 'ask as root or as a member of the agent\'s group (sudo), or name the --state-directory' : 'correct --config', cause });
  }
}
