/** `npm run record -- [name…]`: makes recordings again, one node at a time. */
import { join } from 'node:path';
import { projectRoot } from '../helpers/project-root.js';
import { LabError } from '../lab/index.js';
import { recordEmbedded } from './embedded.js';
import { record } from './record.js';
import { MALFORMED, RECORDINGS } from './recordings.js';

const FIXTURES = join(projectRoot, 'test/fixtures/segments');
const EMBEDDED = 'embedded';

async function main(wanted: readonly string[]): Promise<void> {
  const recordings = [...RECORDINGS, ...MALFORMED];
  const known = [...recordings.map(({ name }) => name), EMBEDDED];
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new LabError(`there is no recording ${unknown.join(', ')}`, `give some of: ${known.join(' ')}; none for all`);
  for (const name of wanted.length > 0 ? wanted : known) {
    const started = Date.now();
    const recording = recordings.find((each) => each.name === name);
    if (recording === undefined) await recordEmbedded(join(projectRoot, 'agent/embedded/cdc_raw'));
    else await record(recording, FIXTURES);
    console.log(`${name} recorded in ${Math.round((Date.now() - started) / 1000)} s`);
  }
}

main(process.argv.slice(2)).then(() => process.exit(0), (error: unknown) => {
  console.error(error instanceof LabError ? error.message : error);
  process.exit(1);
});
