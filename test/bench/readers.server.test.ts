/** Promise: the bench's readers do equal work on equal data, and the data is as large as it says. */
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { Schema, schemaFromRows, type SystemSchemaRows } from '../../parsers/index.js';
import { javaCommand } from '../oracle/java.js';
import { MODES, benchData, schemaPath } from './data.js';
import { passOfEvents } from './event-pass.js';
import { passOfLines } from './line-pass.js';
import { walkRows } from './row-walk.js';
import { Subject } from './subject.js';
import type { Pass } from './totals.js';

const VERSION = '5.0.6';

describe('bench: both readers', function () {
  this.timeout(300_000);
  const schema = new Schema(schemaFromRows(JSON.parse(readFileSync(schemaPath, 'utf8')) as SystemSchemaRows));
  const found = ({ bytes, mutations, rows, cells, valueBytes, checksum }: Pass): object => ({ bytes, mutations, rows, cells, valueBytes, checksum });

  it('find the same rows, cells and values in every mode', async () => {
    const data = await benchData(VERSION, 1, MODES);
    const cassandras = new Subject("Cassandra's reader", await javaCommand({ version: VERSION, main: 'ReadBench', args: ['--schema', schemaPath] }));
    try {
      const plain = found(await cassandras.pass<Pass>(data.get('plain')!));
      for (const [mode, directory] of data) {
        expect(found(await cassandras.pass<Pass>(directory)), `Cassandra, ${mode}`).to.deep.equal(plain);
        expect(found(walkRows(directory, schema)), `ours, ${mode}`).to.deep.equal(plain);
      }
    } finally {
      await cassandras.close();
    }
  });

  it('read rows of about 200 bytes, at least as many as were asked for, each an event', async () => {
    const directory = (await benchData(VERSION, 1, ['plain'])).get('plain')!;
    const { bytes, mutations, rows, cells } = walkRows(directory, schema);
    expect(bytes).to.be.at.least(1 << 20);
    expect(bytes / rows).to.be.within(195, 225);
    expect(rows).to.equal(mutations);
    expect(cells).to.equal(rows * 8);
    expect((await passOfEvents(directory, schema)).events).to.equal(rows);
    expect(await passOfLines(directory, schemaPath)).to.include({ events: rows });
  });
});
