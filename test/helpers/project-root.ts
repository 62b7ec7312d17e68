/** The checkout, from sources and from the compiled copy in dist/ alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function find(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('package.json not found above the tests');
  return find(parent);
}

export const projectRoot = find(dirname(fileURLToPath(import.meta.url)));
