/** Makes the embedded default of `run`: cdc_raw of a real node that served a small shop. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CassandraNode } from '../lab/index.js';
import { answerOf, segmentsWithContent, tablesWithContent } from './answer.js';
import { runWorkload } from './run-workload.js';
import { schemaJson, type SchemaRow } from './schema.js';
import { copySegments, segmentsIn } from './segments.js';
import { shop, shopSchema } from './workload/shop.js';

const VERSION = '5.0.6';

/** Writes `to`/*.log.gz with their index files, and schema.json beside that directory. */
export async function recordEmbedded(to: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'cdc-record-embedded-'));
  const node = await CassandraNode.create({ version: VERSION, directory, segmentSizeMiB: 1 });
  try {
    await node.start();
    await runWorkload(node, shopSchema(), { timestamps: 'clock' });
    await node.stop();
    // What a node writes on its first start is of no interest here.
    for (const name of await readdir(node.cdcRawDir)) await rm(join(node.cdcRawDir, name));
    await node.start();
    await runWorkload(node, shop(), { timestamps: 'clock' });
    await node.stop();
    const files = (await segmentsIn(node.cdcRawDir)).map((name) => ({ directory: node.cdcRawDir, name }));
    const answer = await answerOf(files, { version: VERSION, schema: { data: node.dataDir } });
    const [used, tables] = [segmentsWithContent(answer), tablesWithContent(answer)];
    await rm(to, { recursive: true, force: true });
    await copySegments(files.filter(({ name }) => used.has(name)), node.cdcRawDir, to);
    await node.start();
    await writeFile(join(to, '../schema.json'), await schemaJson(node, (row) => isWanted(row, tables)));
  } finally {
    await node.remove();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The shop whole; of the node's own tables those that stand in the log. */
function isWanted({ keyspace_name: keyspace, table_name: table }: SchemaRow, tables: ReadonlySet<string>): boolean {
  if (keyspace === 'shop') return true;
  return table === undefined ? [...tables].some((name) => name.startsWith(`${keyspace}.`)) : tables.has(`${keyspace}.${table}`);
}
