/** What `replay` shows, and what it refuses before it asks anybody. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { dryRunText, preparedText, replayJson, type ReplayReport } from '../../../agent/cli/replay-text.js';
import { ReplayWorld } from '../pipeline/replay-world.js';
import { runCli } from '../../helpers/run-cli.js';

async function report(): Promise<{ readonly report: ReplayReport; readonly world: ReplayWorld }> {
  const world = new ReplayWorld();
  world.segments(9);
  world.agent.read();
  world.agent.commit();
  const prepared = await world.prepare('start');
  return { world, report: { transactionalId: 'cdc-c-h1', prepared, runningAgent: undefined, command: 'cassandra-cdc-agent replay --from start --yes' } };
}

describe('replay: what it shows', () => {
  it('fits 80 columns, and says all there is to decide', async () => {
    const { report: shown } = await report();
    const { segments } = shown.prepared.survey;
    expect(`${preparedText(shown)}${dryRunText(shown)}`.split('\n')).to.deep.equal([
      'transactional id   cdc-c-h1',
      `position in Kafka  ${segments[8].id}:${shown.prepared.plan.known?.position}, event 18`,
      'checkpoint         none',
      `segments           ${segments[0].id} to ${segments[10].id}: 11 segments (cdc_raw 3, spool 8), 2.1MiB`,
      '',
      `new position       ${segments[0].id}:0`,
      `comes again        ${shown.prepared.plan.again.bytes}B in 9 segments, published before`,
      'given up           nothing',
      'gone               nothing',
      '',
      'nothing was changed; to do it run',
      '  cassandra-cdc-agent replay --from start --yes',
      '',
    ]);
  });

  it('says what else an operator must know: an agent that runs, files that are refused, damage, what is gone, another node', async () => {
    const { report: shown, world } = await report();
    const gone = Array.from({ length: 12 }, (_, n) => 1_795_360_528_600 + n);
    const refused = [{ path: '/var/lib/cassandra/cdc_raw/CommitLog-7-1795360528612.log', reason: 'symbolic_link' as const }];
    const text = preparedText({
      ...shown, runningAgent: { pid: 4711 },
      prepared: { ...shown.prepared, checkpoint: { damage: 'it is not JSON' }, survey: { ...shown.prepared.survey, refused }, plan: { ...shown.prepared.plan, gone, isForeign: true, givenUp: { segments: [1, 2], bytes: 40 << 20 } } },
    });
    expect(text).to.include('runs (process 4711): stop it before').and.to.match(/CommitLog-7-1795360528612\.log\s+\(symbolic_link\)/).and.to.include('damaged: it is not JSON');
    expect(text.replace(/\s+/g, ' ')).to.include('40MiB in 2 segments: never published, and deleted by the agent').and.to.include('12 segments behind the new position (1795360528600, 1795360528601, 1795360528602, 1795360528603, 1795360528604, 7 more)').and.to.include('of another Cassandra node');
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(80);
    expect(dryRunText({ ...shown, runningAgent: { pid: undefined } })).to.include('to do it, stop the agent and run');
    expect(world.present().size).to.equal(11);
  });

  it('has a fixed shape as JSON', async () => {
    const { report: shown } = await report();
    const answer = JSON.parse(replayJson(shown, false)) as Record<string, unknown>;
    expect(Object.keys(answer)).to.deep.equal(['changed', 'transactional_id', 'kafka', 'kafka_error', 'checkpoint', 'running', 'segments', 'position', 'again', 'given_up', 'gone', 'command']);
    const { survey: { segments }, plan } = shown.prepared;
    expect(answer).to.deep.include({
      changed: false, transactional_id: 'cdc-c-h1', kafka: { position: `${plan.known?.segment}:${plan.known?.position}`, events: 18 }, kafka_error: null, checkpoint: null, running: null,
      position: `${segments[0].id}:0`, again: { segments: 9, bytes: plan.again.bytes }, given_up: { segments: 0, bytes: 0 }, gone: [], command: shown.command,
    });
    expect(answer['segments']).to.deep.include({ count: 11, first: String(segments[0].id), last: String(segments[10].id), cdc_raw: 3, spool: 8, quarantine: 0, refused: 0 });
  });
});

describe('replay: the command line', () => {
  it('has an example in its help, needs a place, and reads the configuration before it asks anybody', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'cdc-replay-'));
    try {
      writeFileSync(join(directory, 'a.yaml'), 'kafka: { brokers: k1 }\n');
      expect((await runCli(['replay', '--help'])).stdout).to.match(/Examples:\n {2}cassandra-cdc-agent replay --from /);
      expect((await runCli(['replay'])).code).to.equal(64);
      expect(await runCli(['replay', '--from', 'x'])).to.include({ code: 64, stdout: '' });
      const wrong = await runCli(['replay', '--config', 'a.yaml', '--from', 'end'], { cwd: directory });
      expect([wrong.code, wrong.stdout]).to.deep.equal([78, '']);
      expect(wrong.stderr).to.include('a.yaml:1:19  kafka.brokers: must be a list of addresses');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
