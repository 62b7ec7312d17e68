/** `npm run docs`: writes the parts of the operator pages that are made from the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../deb/paths.js';
import { GENERATED } from './generated.js';

for (const [path, generate] of Object.entries(GENERATED)) {
  const file = join(projectRoot, path);
  const before = readFileSync(file, 'utf8');
  const after = generate(before);
  if (after !== before) {
    writeFileSync(file, after);
    process.stdout.write(`${path} written\n`);
  }
}
