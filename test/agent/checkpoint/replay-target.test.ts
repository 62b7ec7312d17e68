/** What stands behind `replay --from`, and the command as errors name it. */
import { expect } from 'chai';
import { compareStream, parseReplayTarget, replayCommand, targetOf, withConfig } from '../../../agent/checkpoint/replay-target.js';
import { UsageError } from '../../../agent/errors.js';

describe('replay target', () => {
  it('is a position or a word', () => {
    expect(parseReplayTarget('1795360528612:19204112')).to.deep.equal({ segment: 1_795_360_528_612, position: 19_204_112 });
    expect(parseReplayTarget('0:0')).to.deep.equal({ segment: 0, position: 0 });
    for (const word of ['start', 'end', 'checkpoint', 'kafka']) expect(parseReplayTarget(word)).to.equal(word);
    for (const text of ['', 'START', '1795360528612', '1:2:3', '-1:0', '1:-1', ' 1:2', '1:2 ', '1:2147483648', '9007199254740993:0', '0x1:0', 'begin']) {
      expect(() => parseReplayTarget(text), text).to.throw(UsageError).with.property('exitCode', 64);
    }
  });

  it('is said as a command that reads back, with the configuration where it is not the installed one', () => {
    for (const target of [{ segment: 7, position: 12 }, 'start', 'kafka'] as const) {
      const command = replayCommand(target);
      expect(parseReplayTarget(command.split(' ').at(-1) ?? '')).to.deep.equal(target);
      expect(withConfig(command, '/etc/cassandra-cdc-agent/agent.yaml')).to.equal(command);
    }
    expect(withConfig(`choose: ${replayCommand('start')} (all), or ${replayCommand('kafka')}`, '/x/a.yaml'))
      .to.equal('choose: cassandra-cdc-agent replay --config /x/a.yaml --from start (all), or cassandra-cdc-agent replay --config /x/a.yaml --from kafka');
    expect(withConfig(replayCommand('end'), '/my dir/a.yaml')).to.equal("cassandra-cdc-agent replay --config '/my dir/a.yaml' --from end");
  });

  it('lies before an entry that was published in part', () => {
    expect([targetOf({ segment: 1, position: 50, index: 2 }), targetOf({ segment: 1, position: 50, index: 0 })]).to.deep.equal([{ segment: 1, position: 49 }, { segment: 1, position: 50 }]);
  });

  it('compares by segment, position, and how much of the entry is published', () => {
    const ascending = [{ segment: 1, position: 9, index: 0 }, { segment: 2, position: 5, index: 1 }, { segment: 2, position: 5, index: 3 }, { segment: 2, position: 5, index: 0 }, { segment: 2, position: 6, index: 1 }];
    for (const [n, a] of ascending.entries()) for (const [m, b] of ascending.entries()) expect(Math.sign(compareStream(a, b)), `${n} ${m}`).to.equal(Math.sign(n - m));
  });
});
