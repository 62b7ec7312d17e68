/**
 * Our side of the bench, a process of its own. Each line of standard input names a directory, whose segments are read once,
 * in order; with `events ` before it, up to serialized JSON records. The answer is one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Schema, schemaFromRows, type SystemSchemaRows } from '../../parsers/index.js';
import { passOfEvents } from './event-pass.js';
import { walkRows } from './row-walk.js';

const EVENTS = 'events ';
const schema = new Schema(schemaFromRows(JSON.parse(readFileSync(process.argv[2], 'utf8')) as SystemSchemaRows));

for await (const line of createInterface({ input: process.stdin })) {
  const answer = line.startsWith(EVENTS) ? await passOfEvents(line.slice(EVENTS.length), schema) : walkRows(line, schema);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
