/**
 * Our side of the bench, a process of its own. Each line of standard input is `rows DIR` or `events DIR`; the answer is one
 * line of JSON.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Schema, schemaFromRows, type SystemSchemaRows } from '../../parsers/index.js';
import { walkRows } from './row-walk.js';

const schema = new Schema(schemaFromRows(JSON.parse(readFileSync(process.argv[2], 'utf8')) as SystemSchemaRows));

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(walkRows(line, schema))}\n`);
}
