/** Promise: lines arrive as they were written and in their order, however long, and their memory is used again only when they have been taken. */
import { expect } from 'chai';
import { PartLines } from '../../../agent/pipeline/part-lines.js';
import type { PartMessage } from '../../../agent/pipeline/part-messages.js';
import { SharedChunks, sharedMemory } from '../../../agent/pipeline/shared-chunks.js';
import { JsonBytes } from '../../../agent/serializer/json-bytes.js';
import type { EventRecord } from '../../../agent/serializer/serializer.js';
import { Rng, runSeed } from '../../helpers/random.js';

const SIZE = 1000;
const seed = runSeed(20_261_128);

/** Both ends, in one thread. */
class Ends {
  readonly chunks: SharedChunks;
  readonly lines: PartLines;
  readonly out: JsonBytes;
  text = '';
  readonly #sent: PartMessage[] = [];

  /** `isQuick`: takes everything as soon as it is sent. */
  constructor(count: number, isQuick = false) {
    const memory = sharedMemory(count, SIZE);
    this.chunks = new SharedChunks(memory);
    const postMessage = (message: PartMessage): void => {
      this.#sent.push(structuredClone(message));
      if (isQuick) this.takeAll();
    };
    this.lines = new PartLines(new SharedChunks(memory), { postMessage });
    this.out = new JsonBytes(this.lines);
  }

  /** A record that is nothing but its line. */
  record(line: string): EventRecord {
    const { out } = this;
    out.begin();
    for (let at = 0; at < line.length; at += 100) out.text(line.slice(at, at + 100));
    const place = { keyStart: out.start, keyEnd: out.start, valueStart: out.start, valueEnd: out.at, lineStart: out.start, lineEnd: out.at };
    return { topic: 't', bytes: out.bytes, ...place, key: Buffer.alloc(0), value: Buffer.alloc(0), headers: [], partitionHint: 0, timestamp: 0 };
  }

  /** Takes all that was sent. */
  takeAll(): void {
    for (const message of this.#sent.splice(0)) {
      if (message.kind === 'end') throw new TypeError('nobody sent an end');
      if (message.kind === 'long') {
        this.text += Buffer.from(message.lines).toString('latin1');
        this.chunks.takeLong();
        continue;
      }
      const chunk = this.chunks.at(message.chunk);
      this.text += chunk.toString('latin1', message.start, message.end);
      // Whoever still needs it finds out.
      if (!message.isLast) continue;
      chunk.fill('#');
      this.chunks.free(message.chunk);
    }
  }
}

describe('part lines', () => {
  it('arrive in order through few chunks, in batches of any size, with some records given up', () => {
    const random = new Rng(seed);
    const ends = new Ends(3);
    let expected = '';
    for (let batch = 0; batch < 2000; batch++) {
      const records: EventRecord[] = [];
      for (let i = random.between(0, 6); i > 0; i--) {
        const line = `${batch}.${i}${'x'.repeat(random.between(0, 300))}\n`;
        const record = ends.record(line);
        if (random.between(0, 9) === 0) continue;
        records.push(record);
        expected += line;
      }
      ends.lines.append(records);
      ends.out.release();
      if (random.between(0, 4) === 0) ends.lines.flush();
      ends.takeAll();
    }
    ends.lines.flush();
    ends.takeAll();
    expect(ends.text === expected, `seed ${seed}`).to.equal(true);
  });

  it('arrive when one is longer than a chunk, and when a batch is longer than all chunks', () => {
    const ends = new Ends(2, true);
    const lines = ['a\n', `${'b'.repeat(SIZE * 3)}\n`, 'c\n', ...Array.from({ length: 50 }, (_, i) => `${i}${'d'.repeat(SIZE / 2)}\n`), 'e\n'];
    for (let round = 0; round < 3; round++) {
      ends.lines.append(lines.map((line) => ends.record(line)));
      ends.lines.flush();
      ends.takeAll();
    }
    expect(ends.text).to.equal(lines.join('').repeat(3));
  });

  it('are sent once, at the end of a part or of their chunk', () => {
    const ends = new Ends(4);
    ends.lines.append([ends.record('1\n')]);
    ends.takeAll();
    expect(ends.text).to.equal('');
    ends.lines.flush();
    ends.lines.flush();
    ends.takeAll();
    expect(ends.text).to.equal('1\n');
    ends.lines.append([ends.record('2\n')]);
    ends.lines.append([ends.record(`${'3'.repeat(SIZE - 1)}\n`)]);
    ends.takeAll();
    expect(ends.text).to.equal('1\n2\n');
  });
});
