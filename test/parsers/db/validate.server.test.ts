import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CASSANDRA_VERSIONS } from '../../lab/versions.js';
import { schemaRows } from '../../helpers/schema-rows.js';
import { commitLogDump } from '../../oracle/commitlog-dump.js';
import { CASES_SCHEMA, casesSegment, VALIDATE_CASES } from './validate-cases.js';

describe('validation of an entry\'s values, by Cassandra', function () {
  this.timeout(120_000);

  for (const version of CASSANDRA_VERSIONS) {
    it(`${version} accepts and refuses what validate.test.ts expects`, async () => {
      const directory = mkdtempSync(join(tmpdir(), 'cdc-validate-'));
      try {
        const writer = casesSegment();
        const segment = join(directory, writer.fileName);
        const schema = join(directory, 'schema.json');
        writeFileSync(segment, writer.image());
        writeFileSync(schema, JSON.stringify(schemaRows(CASES_SCHEMA)));
        const answers: { k: string; message?: string }[] = [];
        for await (const line of commitLogDump({ version, segments: [segment], schema: { file: schema }, onlySchemaTables: true })) answers.push(JSON.parse(line) as { k: string });
        const text = (name: string, accepted: boolean): string => `${name}: ${accepted ? 'accepted' : 'refused'}`;
        const asked = VALIDATE_CASES.map((each, i) => ({ ...each, answer: answers[i].k === 'm' })).filter(({ isHidden }) => isHidden !== true);
        const expected = asked.map(({ name, accepted, acceptedBy4 }) => text(name, version.startsWith('4') ? (acceptedBy4 ?? accepted) : accepted));
        expect(asked.map(({ name, answer }) => text(name, answer))).to.deep.equal(expected);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  }
});
