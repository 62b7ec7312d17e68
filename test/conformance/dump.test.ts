/** Promise: `inspect --dump` says of every recorded segment what Cassandra's own commit-log reader says. */
import { expect } from 'chai';
import { runCliLines } from '../helpers/run-cli.js';
import { LineComparison, type Totals } from './raw-lines.js';
import { answerOf, recordedDirectories, unpacked } from './recordings.js';

describe('conformance: inspect --dump equals Cassandra\'s commit-log reader', function () {
  this.timeout(120_000);
  const recordings = recordedDirectories();
  const all: Totals[] = [];

  it('on recordings that are there', () => {
    expect(recordings).to.not.be.empty;
  });

  for (const recorded of recordings) {
    it(recorded.name, () => unpacked(recorded, async (directory) => {
      const comparison = new LineComparison(answerOf(recorded));
      const key = recorded.keyFile === null ? [] : ['--key-file', recorded.keyFile];
      const { code, stderr } = await runCliLines(['inspect', '--dump', '--schema', recorded.schemaFile, ...key, directory], (line) => comparison.take(line));
      comparison.end();
      expect(comparison.differences.join('\n')).to.equal('');
      expect(comparison.differenceCount).to.equal(0);
      expect(code, stderr).to.equal(comparison.totals.damaged > 0 ? 1 : 0);
      all.push(comparison.totals);
    }));
  }

  after(() => {
    const sum = (name: keyof Totals): string => all.reduce((total, each) => total + each[name], 0).toLocaleString('en-US');
    console.log(`    compared: ${sum('lines')} lines of ${all.length} recordings, ${sum('mutations')} mutations, ${sum('updates')} updates, ${sum('rows')} rows, ${sum('cells')} cells, ${sum('markers')} range markers, ${sum('deletions')} deletions, ${sum('unknown')} of unknown tables, ${sum('damaged')} damaged`);
  });
});

describe('conformance: the comparison', () => {
  const expected = ['{"k":"m","end":10,"u":[]}', '{"k":"e","code":"mutation_malformed","position":5,"end":9,"size":1,"message":"theirs"}', '{"k":"sum","entries":1}'];
  const differences = (lines: readonly string[]): number => {
    const comparison = new LineComparison(expected);
    for (const line of lines) comparison.take(line);
    comparison.end();
    return comparison.differenceCount;
  };

  it('takes equal lines, and another message of the same damage', () => {
    expect(differences(expected)).to.equal(0);
    expect(differences([expected[0], expected[1].replace('theirs', 'ours').replace('mutation_malformed', 'unknown_column'), expected[2]])).to.equal(0);
  });

  it('finds a changed byte, another place or kind of damage, a missing line and one too many', () => {
    expect(differences([expected[0].replace('10', '11'), expected[1], expected[2]])).to.equal(1);
    expect(differences([expected[0], expected[1].replace('"position":5', '"position":6'), expected[2]])).to.equal(1);
    expect(differences([expected[0], expected[1].replace('mutation_malformed', 'entry_crc'), expected[2]])).to.equal(1);
    expect(differences(expected.slice(0, 2))).to.equal(1);
    expect(differences([...expected, expected[0]])).to.equal(1);
  });
});
