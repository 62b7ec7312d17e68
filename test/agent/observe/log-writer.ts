/** A process that logs: `node log-writer LINES close|exit|kill-reader`. Started by log.test.ts. */
import { Log } from '../../../agent/observe/log.js';

const [lines, ending] = [Number(process.argv[2]), process.argv[3]];
const log = new Log({ stream: process.stderr, style: { json: false, journal: false, terminal: true, colour: false }, now: () => 0, level: 'info', levels: new Map() });
for (let line = 0; line < lines; line++) log.write({ level: 'info', component: 'source', event: 'line', fields: [{ name: 'number', kind: 'count', value: line }, { name: 'text', kind: 'text', value: 'some words to make it long enough for a pipe' }] });
if (ending === 'close') await log.close();
process.exit(0);
