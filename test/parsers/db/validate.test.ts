import { expect } from 'chai';
import { DumpReport } from '../../../agent/inspect/dump-report.js';
import { Schema } from '../../../parsers/index.js';
import { runInspect } from '../../agent/inspect/harness.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { CASES_SCHEMA, casesSegment, VALIDATE_CASES } from './validate-cases.js';

/** The expectations are PartitionUpdate.validate's own: validate.server.test.ts asks Cassandra for them. */
describe('validation of an entry\'s values', () => {
  let kinds: string[];
  let messages: (string | undefined)[];

  before(async () => {
    const writer = casesSegment();
    const { lines } = await runInspect({ files: { [writer.fileName]: writer.image() }, report: (out) => new DumpReport(out), schema: new Schema(tablesOf(CASES_SCHEMA)) });
    const parsed = lines.map((line) => JSON.parse(line) as { k: string; message?: string });
    kinds = parsed.map(({ k }) => k);
    messages = parsed.map(({ message }) => message);
  });

  VALIDATE_CASES.forEach(({ name, accepted }, i) => {
    it(`${accepted ? 'accepts' : 'refuses'} ${name}`, () => {
      expect(kinds[i], messages[i]).to.equal(accepted ? 'm' : 'e');
    });
  });

  it('names the table', () => {
    expect(messages.filter((message) => message !== undefined)).to.have.lengthOf(VALIDATE_CASES.filter(({ accepted }) => !accepted).length);
    for (const message of messages) if (message !== undefined) expect(message).to.match(/^a value in v\.[tn] is invalid: ./);
  });
});
