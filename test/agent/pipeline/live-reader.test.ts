/** What the reader does with entries around the position at which it began. */
import { expect } from 'chai';
import { everyCopy } from '../../../agent/pipeline/entry-records.js';
import { LiveReader } from '../../../agent/pipeline/live-reader.js';
import { Tally } from '../../../agent/events/tally.js';
import { JsonSerializer } from '../../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE } from '../../../agent/serializer/serializer.js';
import { CASSANDRA_JSON, Schema, type CommitLogPosition } from '../../../parsers/index.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { column, data, int, live, mutation, row, scalar, table, update } from '../events/log.js';
import { memoryLog } from './memory-log.js';

const notes = table({ name: 'notes', key: [column('k', scalar('int'))], regulars: [column('v', scalar('int'))] });
const SCHEMA = new Schema(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [notes] }));
const SEGMENT = 5;
const written = (key: number): Buffer => mutation(update(notes, [int(key)], { items: [row([], [data(notes, 'v', [live(int(0))])])] }));

describe('live reader', () => {
  const log = memoryLog(SEGMENT, [1, 2, 3, 4, 5, 6].map(written));
  const ends = log.entries.map(({ end }) => end);

  function read(published: CommitLogPosition | null): string[] {
    const serializer = new JsonSerializer({ topic: '{table}', values: CASSANDRA_JSON, version: '1.0.0', source: UNKNOWN_SOURCE });
    const reader = new LiveReader({ schema: SCHEMA, ownership: everyCopy, serializer, tally: new Tally() }, { segment: SEGMENT, position: 0 }, { published });
    const keys: string[] = [];
    for (const section of log.sections) {
      reader.open(section, 0);
      for (const { records } of reader.chunk()) keys.push(...records.map(({ bytes, keyStart, keyEnd }) => bytes.toString('utf8', keyStart, keyEnd)));
    }
    return keys;
  }

  it('gives what stands behind the published position', () => {
    expect(read(null)).to.have.length(6);
    expect(read({ segment: SEGMENT, position: ends[3] })).to.deep.equal(['{"k":5}', '{"k":6}']);
    expect(read({ segment: SEGMENT, position: ends[3] - 1 })).to.deep.equal(['{"k":4}', '{"k":5}', '{"k":6}']);
    expect(read({ segment: SEGMENT - 1, position: 1 << 30 })).to.have.length(6);
  });

  it('compares no more positions once it is past the published one', () => {
    let asked = 0;
    const position = ends[1];
    const published = { segment: SEGMENT, get position() { asked++; return position; } };
    expect(read(published)).to.have.length(4);
    const untilPast = asked;
    asked = 0;
    const longer = memoryLog(SEGMENT, Array.from({ length: 40 }, (_, i) => written(i)));
    const serializer = new JsonSerializer({ topic: '{table}', values: CASSANDRA_JSON, version: '1.0.0', source: UNKNOWN_SOURCE });
    const reader = new LiveReader({ schema: SCHEMA, ownership: everyCopy, serializer, tally: new Tally() }, { segment: SEGMENT, position: 0 }, { published });
    for (const section of longer.sections) {
      reader.open(section, 0);
      expect([...reader.chunk()].length).to.be.greaterThan(30);
    }
    expect(asked).to.equal(untilPast);
  });
});
