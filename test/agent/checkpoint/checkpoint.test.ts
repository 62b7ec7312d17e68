import { expect } from 'chai';
import fc from 'fast-check';
import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCheckpoint, parseCheckpoint, type Checkpoint } from '../../../agent/checkpoint/checkpoint.js';
import { CheckpointStore, type FileSystem } from '../../../agent/checkpoint/checkpoint-store.js';
import { checkCheckpoint, checkStart, type StartFacts } from '../../../agent/checkpoint/start-guard.js';
import { ConfigError, IoError } from '../../../agent/errors.js';

const CHECKPOINT: Checkpoint = {
  hostId: 'h1', transactionalId: 'cdc-prod-h1', segment: 1795360528612, position: 19204112, index: 0, events: 42, instance: 'i', savedAt: '2026-01-31T12:00:00.000Z', extra: {},
};
const at = (position: number): Checkpoint => ({ ...CHECKPOINT, position });

describe('checkpoint', function () {
  this.timeout(20_000);

  it('comes back, with the keys that this version does not know', () => {
    const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(count, count, count, count, fc.string({ unit: 'binary' }), fc.dictionary(fc.string().map((key) => `x${key}`), fc.jsonValue(), { maxKeys: 3 }), (segment, position, index, events, instance, extra) => {
        const checkpoint = JSON.parse(JSON.stringify({ ...CHECKPOINT, segment, position, index, events, instance, extra })) as Checkpoint;
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).to.deep.equal({ checkpoint });
      }),
    );
  });

  it('knows every cut and every changed byte for damage', () => {
    const bytes = Buffer.from(formatCheckpoint(CHECKPOINT));
    for (let length = 0; length < bytes.length - 1; length++) expect(parseCheckpoint(bytes.toString('utf8', 0, length)), `cut at ${length}`).to.have.property('damage');
    for (let n = 0; n < bytes.length - 1; n++) {
      for (const bit of [1, 4, 16]) {
        const changed = Buffer.from(bytes);
        changed[n] ^= bit;
        const parsed = parseCheckpoint(changed.toString('latin1'));
        // Whitespace in the place of whitespace is no damage; there is none in here.
        expect(parsed, `byte ${n} bit ${bit}`).to.have.property('damage');
      }
    }
  });

  it('tells another version from damage', () => {
    const other = JSON.parse(formatCheckpoint(CHECKPOINT)) as Record<string, unknown>;
    expect(parseCheckpoint(JSON.stringify({ ...other, version: 2 }))).to.have.property('damage');
    // As a later agent would write it, checksum included.
    const later = formatCheckpoint({ ...CHECKPOINT, extra: { version: 2 } });
    expect(parseCheckpoint(later)).to.deep.equal({ version: 2 });
  });
});

describe('checkpoint store', function () {
  // Real fsyncs.
  this.timeout(60_000);
  let directory: string;
  beforeEach(async () => { directory = await fs.mkdtemp(join(tmpdir(), 'cdc-checkpoint-')); });
  afterEach(() => fs.rm(directory, { recursive: true, force: true }));

  it('writes at most once a second, the newest, and the rest at a flush; the previous one is kept', async () => {
    let now = 0;
    const store = new CheckpointStore(directory, { now: () => now });
    expect(await store.load()).to.equal(null);
    await store.offer(at(1));
    await store.offer(at(2));
    now = 999;
    await store.offer(at(3));
    expect(await store.load()).to.deep.equal({ checkpoint: at(1) });
    now = 1000;
    await store.offer(at(4));
    expect([await store.load(), await store.load(store.previousPath)]).to.deep.equal([{ checkpoint: at(4) }, { checkpoint: at(1) }]);
    await store.offer(at(5));
    await store.flush();
    await store.flush();
    expect([await store.load(), await store.load(store.previousPath)]).to.deep.equal([{ checkpoint: at(5) }, { checkpoint: at(4) }]);
    expect((await fs.readdir(directory)).sort()).to.deep.equal(['checkpoint.json', 'checkpoint.previous.json']);
  });

  it('leaves a whole checkpoint, the old or the new, when it dies before any of its steps', async () => {
    for (let dieAt = 0; dieAt < 40; dieAt++) {
      await fs.rm(directory, { recursive: true });
      await fs.mkdir(directory);
      await new CheckpointStore(directory).offer(at(1));
      await new CheckpointStore(directory).offer(at(2));
      let step = 0;
      const dying = dyingFileSystem(() => step++ >= dieAt);
      const failed = await new CheckpointStore(directory, { fileSystem: dying }).offer(at(3)).then(() => false, (error: unknown) => error instanceof IoError);
      const store = new CheckpointStore(directory);
      const found = await store.load();
      expect([at(2), at(3)].map((checkpoint) => JSON.stringify({ checkpoint })), `died at step ${dieAt}`).to.include(JSON.stringify(found));
      expect(await store.load(store.previousPath), `previous, died at step ${dieAt}`).to.have.property('checkpoint');
      // And it goes on from there.
      await store.offer(at(4));
      expect(await store.load()).to.deep.equal({ checkpoint: at(4) });
      if (!failed) {
        expect(dieAt, 'every step was hit').to.be.greaterThan(7);
        return;
      }
    }
    expect.fail('it never got through');
  });

  it('says so when the directory can not be written', async () => {
    const store = new CheckpointStore(join(directory, 'missing'));
    const error: unknown = await store.offer(at(1)).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(IoError);
    expect(error).to.include({ code: 'checkpoint_io' });
  });
});

/** Every operation, on files too, fails from the moment `isDead` says so; a write is cut in half. */
function dyingFileSystem(isDead: () => boolean): FileSystem {
  const die = (): void => {
    if (isDead()) throw Object.assign(new Error('died'), { code: 'EIO' });
  };
  return {
    readFile: fs.readFile,
    rename: async (from, to) => { die(); await fs.rename(from, to); },
    link: async (from, to) => { die(); await fs.link(from, to); },
    unlink: async (path) => { die(); await fs.unlink(path); },
    open: async (path, flags, mode) => {
      die();
      const file = await fs.open(path, flags, mode);
      return new Proxy(file, {
        get(target, name) {
          if (name === 'close') return () => target.close();
          if (name === 'writeFile') {
            return async (text: string) => {
              await target.writeFile(text.slice(0, text.length >>> 1));
              die();
              await target.truncate(0);
              await target.write(text, 0);
            };
          }
          return name === 'sync' ? async () => { die(); await target.sync(); } : undefined;
        },
      });
    },
  };
}

describe('start guard', () => {
  const facts = (checkpoint: StartFacts['checkpoint'], more: Partial<StartFacts> = {}): StartFacts => ({ checkpoint, path: '/state/checkpoint.json', hostId: 'h1', transactionalId: 'cdc-prod-h1', ...more });
  const kafka = { segment: CHECKPOINT.segment, position: CHECKPOINT.position, index: 0, events: 42 };
  const refusal = (work: () => unknown): ConfigError => {
    try {
      work();
    } catch (error) {
      expect(error).to.be.instanceOf(ConfigError);
      return error as ConfigError;
    }
    return expect.fail('it started');
  };

  it('lets a first start and a matching one through', () => {
    expect(checkCheckpoint(facts(null))).to.equal(null);
    checkStart(null, null);
    checkStart(null, kafka);
    const found = checkCheckpoint(facts({ checkpoint: CHECKPOINT }));
    checkStart(found, kafka);
    checkStart(found, { ...kafka, position: kafka.position + 1, index: 3 });
    checkStart(found, { ...kafka, segment: kafka.segment + 1, position: 0 });
  });

  it('stops when Kafka has no position, with the command to go on from the checkpoint', () => {
    const error = refusal(() => checkStart(CHECKPOINT, null));
    expect(error).to.include({ code: 'position_missing', exitCode: 78 });
    expect(error.fix).to.include('cassandra-cdc-agent replay --from 1795360528612:19204112');
  });

  it('names a place before an entry that was published in part: a position knows whole entries only', () => {
    expect(refusal(() => checkStart({ ...CHECKPOINT, index: 3 }, null)).fix).to.include('replay --from 1795360528612:19204111');
  });

  it('takes the checkpoint before it when somebody removed the newer one', () => {
    const found = checkCheckpoint(facts(null, { previous: { checkpoint: at(7) } }));
    expect(found).to.deep.equal(at(7));
    expect(refusal(() => checkStart(found, null))).to.include({ code: 'position_missing' });
  });

  it('stops when Kafka went back', () => {
    const behind = [{ ...kafka, position: 5 }, { ...kafka, segment: 5 }, { ...kafka, index: 2 }];
    for (const position of behind) {
      expect(refusal(() => checkStart(CHECKPOINT, position))).to.include({ code: 'position_went_back' });
    }
    checkStart({ ...CHECKPOINT, index: 2 }, { ...kafka, index: 2 });
    checkStart({ ...CHECKPOINT, index: 2 }, kafka);
    expect(refusal(() => checkStart({ ...CHECKPOINT, index: 3 }, { ...kafka, index: 2 }))).to.include({ code: 'position_went_back' });
  });

  it('stops at damage, another version, another node, another name: each with what to do', () => {
    const cases: readonly (readonly [StartFacts, string, string])[] = [
      [facts({ damage: 'x' }, { previous: { checkpoint: at(7) } }), 'checkpoint_damaged', 'replay --from kafka '],
      [facts({ damage: 'x' }), 'checkpoint_damaged', 'replay --from start '],
      [facts(null, { previous: { damage: 'x' } }), 'checkpoint_damaged', 'replay --from kafka '],
      [facts({ version: 2 }), 'checkpoint_version', 'the version of the agent that wrote it'],
      [facts({ version: 2 }), 'checkpoint_version', 'replay --from kafka '],
      [facts({ checkpoint: CHECKPOINT }, { hostId: 'h2' }), 'checkpoint_host', 'replay --from start'],
      [facts({ checkpoint: CHECKPOINT }, { hostId: 'h2' }), 'checkpoint_host', 'its own state_directory'],
      [facts({ checkpoint: CHECKPOINT }, { transactionalId: 'cdc-test-h1' }), 'checkpoint_transactional_id', 'replay --from 1795360528612:19204112'],
    ];
    for (const [given, code, fix] of cases) {
      const error = refusal(() => checkCheckpoint(given));
      expect(error.code).to.equal(code);
      expect(error.fix).to.include(fix);
      expect(error.message).to.include('/state/checkpoint.json');
    }
  });
});
