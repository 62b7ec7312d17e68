/**
 * Our side of the bench, a process of its own. Each line of standard input names a directory, whose segments are read once,
 * in order; with `events ` before it, up to serialized JSON records, with `lines ` by all threads, up to lines. The answer is
 * one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Schema, schemaFromRows, type SystemSchemaRows } from '../../parsers/index.js';
import { passOfEvents } from './event-pass.js';
import { passOfLines } from './line-pass.js';
import { walkRows } from './row-walk.js';

const EVENTS = 'events ';
const LINES = 'lines ';
const schema = new Schema(schemaFromRows(JSON.parse(readFileSync(process.argv[2], 'utf8')) as SystemSchemaRows));

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answerTo(line))}\n`);
}

function answerTo(line: string): object | Promise<object> {
  if (line.startsWith(EVENTS)) return passOfEvents(line.slice(EVENTS.length), schema);
  if (line.startsWith(LINES)) return passOfLines(line.slice(LINES.length), process.argv[2]);
  return walkRows(line, schema);
}
