/** Segments make room in cdc_raw while nobody can say yet which of them are read; real files. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { loadConfig } from '../../../agent/config/load.js';
import type { AgentConfig } from '../../../agent/config/declaration.js';
import { spoolingMeanwhile } from '../../../agent/pipeline/early-spool.js';
import { LEDGER_FILE } from '../../../agent/source/live/segment-ledger.js';
import { SegmentWriter } from '../../helpers/segment-writer.js';

const IDS = [1_800_000_000_001, 1_800_000_000_002];

describe('the spool while the node is not there', () => {
  let directory = '';
  let config: AgentConfig;
  const raw = (): string => join(directory, 'cdc_raw');
  const segments = (of: string): string[] => (existsSync(of) ? readdirSync(of).filter((name) => name.endsWith('.log')).sort() : []);
  const [done, open] = IDS.map((id) => `CommitLog-7-${id}.log`);

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cdc-early-'));
    mkdirSync(raw());
    mkdirSync(join(directory, 'state'));
    // The first is done, since the second has a marker; that one is not.
    for (const id of IDS) {
      const writer = new SegmentWriter({ version: 7, id: BigInt(id) });
      writer.append(Buffer.from('only its frame matters here'));
      writer.sync();
      writeFileSync(join(raw(), writer.fileName), Buffer.concat([writer.image(), Buffer.alloc(4096)]));
    }
    const text = `cassandra: { contact_points: ["127.0.0.1:9042"], config_file: ${directory}/none.yaml }\nkafka: { brokers: ["127.0.0.1:9092"] }\nsource: { cdc_raw_directory: ${raw()} }\nstate_directory: ${directory}/state\n`;
    ({ config } = loadConfig({ text, file: 'agent.yaml', directory: '/etc', sources: { env: {}, readSecretFile: () => ({ text: '', worldReadable: false }) } }));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('takes what is finished, and leaves nothing behind that says what was read', async () => {
    const answer = await spoolingMeanwhile(config, async () => {
      for (let i = 0; i < 100 && segments(join(directory, 'state/spool')).length === 0; i++) await sleep(100);
      return 'up';
    });
    expect(answer).to.equal('up');
    expect([segments(join(directory, 'state/spool')), segments(raw())]).to.deep.equal([[done], [open]]);
    expect(readdirSync(join(directory, 'state')).filter((name) => name.startsWith('segments'))).to.deep.equal([]);
    expect(existsSync(join(directory, 'state', LEDGER_FILE))).to.equal(false);
  });

  it('touches nothing when the node answers soon, nor where cdc_raw is not known', async () => {
    await spoolingMeanwhile(config, () => sleep(300));
    expect(segments(raw())).to.deep.equal([done, open]);
    const unknown = { ...config, source: { ...config.source, cdc_raw_directory: undefined } } as AgentConfig;
    await spoolingMeanwhile(unknown, () => sleep(2600));
    expect(segments(raw())).to.deep.equal([done, open]);
  });

  it('hands on why the node can\'t be waited for', async () => {
    const failure = await spoolingMeanwhile(config, () => Promise.reject(new Error('no'))).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(Error).and.have.property('message', 'no');
  });
});
