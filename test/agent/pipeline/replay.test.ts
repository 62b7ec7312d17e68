/** Replays by example: what moves, what is said before, what is refused, and what a crash in the middle leaves. */
import { expect } from 'chai';
import type { Checkpoint } from '../../../agent/checkpoint/checkpoint.js';
import { parseReplayTarget, type ReplayTarget } from '../../../agent/checkpoint/replay-target.js';
import { checkStart } from '../../../agent/checkpoint/start-guard.js';
import { ConfigError, IoError, RetryableError, UsageError, type OperatorError } from '../../../agent/errors.js';
import { performReplay } from '../../../agent/pipeline/replay.js';
import type { LiveSourceOptions } from '../../../agent/source/live/live-options.js';
import { LEDGER } from '../source/live/harness.js';
import { RAW, type ModelEntry } from '../source/live/model-node.js';
import { ReplayWorld } from './replay-world.js';

const CHECKPOINT: Checkpoint = { hostId: 'h1', transactionalId: 'cdc-c-h1', segment: 1_000_000, position: 100, index: 0, events: 3, instance: 'i', savedAt: '2026-01-30T12:00:00.000Z', extra: { later: 1 } };
const behind = ({ segment, end }: ModelEntry): { segment: number; position: number } => ({ segment, position: end });

async function refusal(work: Promise<unknown>): Promise<OperatorError> {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  expect(error, 'it was not refused').to.not.equal(undefined);
  return error as OperatorError;
}

/** What `replay --from …` in an error's fix says. */
function commandIn(fix: string | undefined): ReplayTarget {
  const [, from] = /cassandra-cdc-agent replay --from (\S+?)[;,.]?(?:\s|$)/.exec(fix ?? '') ?? [];
  return parseReplayTarget(from ?? '');
}

/** An agent that has not yet deleted what it published: three segments, all committed. */
function published(options: Partial<LiveSourceOptions> = {}): { readonly world: ReplayWorld; readonly entries: ModelEntry[] } {
  const world = new ReplayWorld('mmap', options);
  const entries = world.segments(3);
  world.node.append(true);
  world.node.sync();
  world.agent.read();
  world.agent.commit();
  return { world, entries };
}

describe('replay', () => {
  it('goes back: everything behind the place comes again; events count on, low is dropped, what others keep there stays', async () => {
    const { world, entries } = published();
    world.checkpoint = { checkpoint: CHECKPOINT };
    const given = world.agent.texts;
    expect(given).to.have.length(7);
    const { prepared: { plan }, stored } = await world.replay(behind(entries[2]));
    expect(plan.to).to.deep.equal({ ...behind(entries[2]), index: 0 });
    expect(plan.again.segments).to.deep.equal([entries[2].segment, entries[4].segment, world.node.active.id]);
    expect(plan.again.bytes).to.be.within(3 * 30, 3 * 200);
    expect([plan.givenUp.segments, plan.gone, plan.isForeign]).to.deep.equal([[], [], false]);
    expect(stored).to.deep.include({ ...behind(entries[2]), index: 0, low: null, events: 7, extra: { ring: 7 } });
    expect(stored.instance).to.match(/^[0-9a-f-]{36}$/);
    const { instance } = stored;
    expect(world.checkpoint).to.deep.equal({ checkpoint: { ...CHECKPOINT, ...behind(entries[2]), events: 7, instance, savedAt: '2026-01-31T12:00:00.000Z' } });
    world.agent.read();
    world.agent.commit();
    expect(world.agent.texts.slice(7)).to.deep.equal(given.slice(3));
  });

  it('goes to the end of what is there: it is given up, and deleted', async () => {
    const world = new ReplayWorld();
    const entries = world.segments(3);
    const { prepared: { plan } } = await world.replay('end');
    expect(plan.known).to.equal(null);
    expect(plan.givenUp.segments).to.deep.equal([...new Set(entries.map(({ segment }) => segment))]);
    world.node.append(true);
    world.node.sync();
    world.agent.readAndCommit();
    world.agent.readAndCommit();
    expect(world.agent.texts).to.deep.equal([world.node.entries.at(-1)?.text]);
    expect(world.files.list(RAW).filter((name) => name.endsWith('.log')).sort()).to.deep.equal([world.node.active.name, world.node.spare.name].sort());
  });

  it('keeps low, and where an entry was cut, when nothing moves', async () => {
    const { world, entries } = published();
    const position = { ...behind(entries[3]), index: 4, instance: 'x', low: { segment: 5, position: 6 }, events: 40, extra: {} };
    world.kafka = { position, events: 40 };
    const { prepared: { plan }, stored } = await world.replay('kafka');
    expect(plan.again.segments.concat(plan.givenUp.segments)).to.deep.equal([entries[3].segment], 'the rest of the entry');
    expect(stored).to.deep.include({ ...behind(entries[3]), index: 4, low: { segment: 5, position: 6 }, events: 40 });
    expect(world.checkpoint).to.have.nested.property('checkpoint.index', 4);
  });

  it('counts on from the checkpoint when Kafka lost the position, and where it went back', async () => {
    for (const found of [{ position: null, events: null }, { position: { segment: 1, position: 1, index: 0, instance: 'x', low: null, events: 9, extra: {} }, events: 9 }]) {
      const { world, entries } = published();
      world.kafka = found;
      world.checkpoint = { checkpoint: { ...CHECKPOINT, ...behind(entries[1]), events: 42 } };
      const { stored } = await world.replay('checkpoint');
      expect(stored).to.deep.include({ ...behind(entries[1]), events: 42 });
    }
  });

  it('puts a position right that this version can not read', async () => {
    const { world, entries } = published();
    world.kafka = { position: null, events: 17, unreadable: new ConfigError('position_unreadable', 'has version 2', {}) };
    expect(await refusal(world.prepare('kafka'))).to.be.instanceOf(ConfigError).and.include({ code: 'replay_no_position', message: 'has version 2' });
    expect((await world.replay(behind(entries[0]))).stored).to.deep.include({ ...behind(entries[0]), events: 17, extra: {} });
  });

  describe('what a crash leaves', () => {
    const died = new Error('died');

    it('before Kafka took it: nothing is changed', async () => {
      const { world, entries } = published();
      const before = [...world.files.names].map(([path, { bytes }]) => [path, bytes.toString('latin1')]);
      world.onStep = () => { throw died; };
      expect(await world.replay(behind(entries[0])).catch((error: unknown) => error)).to.equal(died);
      expect([...world.files.names].map(([path, { bytes }]) => [path, bytes.toString('latin1')])).to.deep.equal(before);
      expect(world.kafka).to.equal(undefined);
    });

    it('before the checkpoint: the agent refuses to start, with a command that puts it right', async () => {
      const { world, entries } = published();
      world.checkpoint = { checkpoint: { ...CHECKPOINT, ...world.found().position! } };
      world.onStep = (what) => { if (what === 'checkpoint') throw died; };
      expect(await world.replay(behind(entries[0])).catch((error: unknown) => error)).to.equal(died);
      const { checkpoint } = world.checkpoint as { checkpoint: Checkpoint };
      const refused = await refusal(Promise.resolve().then(() => checkStart(checkpoint, world.found().position)));
      expect(refused.code).to.equal('position_went_back');
      expect(commandIn(refused.fix)).to.deep.equal(behind(entries[0]));
      world.onStep = () => undefined;
      await world.replay(commandIn(refused.fix));
      checkStart((world.checkpoint as { checkpoint: Checkpoint }).checkpoint, { ...world.agent.position! });
    });
  });

  describe('after the node\'s clock went back', () => {
    /** Segments were read; then others came with lower ids. */
    function lowerIds(): { readonly world: ReplayWorld; readonly late: ModelEntry[] } {
      const { world } = published();
      const before = world.node.entries.length;
      world.node.crash();
      world.node.clockBack(500_000);
      world.node.restart();
      world.node.append(true);
      world.node.sync();
      return { world, late: world.node.entries.slice(before) };
    }

    it('the command of the agent\'s error publishes what was written meanwhile', async () => {
      const { world, late } = lowerIds();
      const error = await refusal(Promise.resolve().then(() => world.agent.readAndCommit()));
      expect(error).to.be.instanceOf(IoError).and.include({ code: 'clock_went_back' });
      const given = world.agent.texts.length;
      await world.replay(commandIn(error.fix));
      world.agent.readAndCommit();
      expect(world.agent.texts.slice(given, given + late.length)).to.deep.equal(late.map(({ text }) => text));
    });

    it('a crash before the ledger was written deletes nothing: the agent says the same again', async () => {
      const { world, late } = lowerIds();
      const error = await refusal(Promise.resolve().then(() => world.agent.readAndCommit()));
      world.files.onChange = (what) => { if (what.includes(LEDGER)) throw new Error('died'); };
      await world.replay(commandIn(error.fix)).catch(() => undefined);
      world.files.onChange = () => undefined;
      const there = world.files.list(RAW);
      world.startAgent();
      expect(await refusal(Promise.resolve().then(() => world.agent.readAndCommit()))).to.include({ code: 'clock_went_back' });
      expect(world.files.list(RAW)).to.deep.equal(there);
      expect(late).to.not.be.empty;
    });
  });

  it('reads segments that an agent without a ledger left alone', async () => {
    const { world, entries } = published({ spool: undefined });
    world.files.remove(LEDGER);
    world.agent.position = { ...behind(entries[3]), index: 0 };
    world.agent.crash();
    world.agent.readAndCommit();
    expect(world.files.list(RAW).some((name) => name.includes(String(entries[0].segment))), 'left alone').to.equal(true);
    const given = world.agent.texts.length;
    const { prepared: { plan } } = await world.replay('start');
    expect(plan.to).to.deep.equal({ segment: entries[0].segment, position: 0, index: 0 });
    world.agent.readAndCommit();
    expect(world.agent.texts.slice(given, given + 2)).to.deep.equal(entries.slice(0, 2).map(({ text }) => text));
  });

  it('begins the ledger anew when the state directory comes from another node', async () => {
    const { world, entries } = published();
    world.checkpoint = { checkpoint: { ...CHECKPOINT, hostId: 'h0', events: 5 } };
    world.kafka = { position: null, events: null };
    const ledgerBefore = world.files.readText(LEDGER, 1e6);
    world.files.replaceText(LEDGER, (ledgerBefore ?? '').replace('"segments":[', '"segments":[[77,400],[99000000,-1],'));
    const { prepared: { plan } } = await world.replay('start');
    expect([plan.isForeign, plan.gone, plan.to.segment]).to.deep.equal([true, [], entries[0].segment]);
    expect(world.files.readText(LEDGER, 1e6)).to.not.match(/\[77,|99000000/);
    expect(world.checkpoint).to.have.nested.property('checkpoint.hostId', 'h1');
    const given = world.agent.texts.length;
    world.agent.readAndCommit();
    expect(world.agent.texts.slice(given)).to.have.length(7);
  });

  it('says what is gone: a gap event comes for each, and for no other', async () => {
    const { world, entries } = published();
    world.agent.readAndCommit();
    const ids = [...new Set(entries.map(({ segment }) => segment))];
    expect(world.present().has(ids[0]), 'retired').to.equal(false);
    const { prepared: { plan } } = await world.replay({ segment: ids[0], position: 0 });
    expect(plan.gone).to.deep.equal(ids);
    world.agent.readAndCommit();
    expect(world.agent.gaps.map(({ from, reason }) => `${from.segment} ${reason}`)).to.deep.equal(ids.map((id, n) => `${id} ${n === 0 ? 'position_segment_missing' : 'segment_vanished'}`));
  });

  it('refuses places that can not be', async () => {
    const { world } = published();
    const { active, spare, entries } = world.node;
    const { end } = entries.at(-1)!;
    const cases: readonly (readonly [ReplayTarget, string, RegExp])[] = [
      [{ segment: active.id, position: end + 1 }, 'replay_position', new RegExp(`that ends at ${active.id}:${end}$`)],
      [{ segment: active.id, position: 0x7fffffff }, 'replay_position', /lies behind what is written/],
      [{ segment: spare.id, position: 0 }, 'replay_position', new RegExp(`no segment ${spare.id} yet: the newest is ${active.id}`)],
      [{ segment: 5_000_000, position: 0 }, 'replay_position', /no segment 5000000 yet/],
    ];
    for (const [target, code, message] of cases) {
      const error = await refusal(world.prepare(target));
      expect([error.code, error.exitCode], JSON.stringify(target)).to.deep.equal([code, 64]);
      expect(error).to.be.instanceOf(UsageError);
      expect(error.message).to.match(message);
    }
    expect(await refusal(world.prepare('checkpoint'))).to.include({ code: 'replay_no_checkpoint', exitCode: 78 });
    const empty = new ReplayWorld();
    for (const path of [...empty.files.names.keys()]) if (path.startsWith(`${RAW}/`)) empty.files.remove(path);
    expect(await refusal(empty.prepare('start'))).to.include({ code: 'replay_no_segments', exitCode: 78 });
    expect(await refusal(empty.prepare('kafka'))).to.include({ code: 'replay_no_position', exitCode: 78 });
  });

  it('refuses when the position moved between the look and the fencing', async () => {
    const { world, entries } = published();
    const prepared = await world.prepare(behind(entries[0]));
    world.node.append(true);
    world.node.sync();
    world.agent.readAndCommit();
    const error = await refusal(performReplay(prepared, world.ports()));
    expect(error).to.be.instanceOf(RetryableError).and.include({ code: 'replay_position_moved', exitCode: 69 });
    expect([world.kafka, world.checkpoint]).to.deep.equal([undefined, null]);
  });
});
