/** Where a read begins: behind the stored position, inside of an entry too. */
import { expect } from 'chai';
import { RepeatWindow } from '../../../agent/events/repeat-window.js';
import { Tally } from '../../../agent/events/tally.js';
import { LiveLog, type LiveLogStages } from '../../../agent/pipeline/live-log.js';
import type { StoredPosition } from '../../../agent/publisher/kafka/port.js';
import type { SchemaFollower } from '../../../agent/schema/schema-follower.js';
import { JsonSerializer } from '../../../agent/serializer/json-serializer.js';
import { UNKNOWN_SOURCE } from '../../../agent/serializer/serializer.js';
import type { LiveItem } from '../../../agent/source/live/live-options.js';
import type { LiveSource } from '../../../agent/source/live/live-source.js';
import { CASSANDRA_JSON, Schema, type CommitLogPosition } from '../../../parsers/index.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { TS, column, data, int, live, mutation, row, scalar, table, update } from '../events/log.js';
import { memoryLog } from './memory-log.js';

const notes = table({ name: 'notes', key: [column('k', scalar('int'))], clustering: [column('c', scalar('int'))], regulars: [column('v', scalar('int'))] });
const SCHEMA = new Schema(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [notes] }));
const SEGMENT = 5;
const WRITTEN_MS = Number(TS / 1000n);
const written = (...clustering: readonly number[]): Buffer => mutation(update(notes, [int(1)], { items: clustering.map((c) => row([int(c)], [data(notes, 'v', [live(int(0))])])) }));

/** Gives the items once; then there is nothing more. */
function sourceOf(items: readonly LiveItem[], onEnd: () => void): LiveSource {
  const left = [...items];
  const poll = (): LiveItem | undefined => {
    const item = left.shift();
    if (item === undefined) onEnd();
    return item;
  };
  return { isCaughtUp: false, pollInterval: 1, begin: () => undefined, committed: () => undefined, poll } as Partial<LiveSource> as LiveSource;
}

describe('live log', () => {
  const log = memoryLog(SEGMENT, [written(1), written(1, 2), written(2, 3)]);
  const [first, second] = log.entries.map(({ end }) => end);

  const tally = new Tally();
  function stagesOf(source: LiveSource, joined: CommitLogPosition | null = null): LiveLogStages {
    return {
      source,
      serializer: new JsonSerializer({ topic: '{table}', values: CASSANDRA_JSON, version: '1.0.0', source: UNKNOWN_SOURCE }),
      tally, repeats: new RepeatWindow({ now: () => 0 }), unknown: undefined as never,
      owners: { at: () => ({ decide: () => 'publish', surelyPublished: () => true }), joined, held: () => undefined, released: () => undefined, schemaMoved: () => undefined, settledBeforeMs: Infinity, rejudgement: () => null, settle: () => undefined },
      begin: () => Promise.resolve({ schema: SCHEMA, reconcile: () => Promise.resolve(false) } as Partial<SchemaFollower> as SchemaFollower),
      beginAgain: () => Promise.reject(new Error('the ring does not change')),
      control: { topic: 'control', source: UNKNOWN_SOURCE }, now: () => 0, sleep: () => Promise.resolve(),
    };
  }

  const START: StoredPosition = { segment: SEGMENT, position: 0, index: 0, low: { segment: SEGMENT, position: 0 }, events: 0, instance: '', extra: {} };
  async function read(stored: Partial<StoredPosition>, joined: CommitLogPosition | null = null): Promise<string[][]> {
    const stop = new AbortController();
    const given: string[][] = [];
    const stages = stagesOf(sourceOf(log.sections, () => stop.abort()), joined);
    for await (const chunk of new LiveLog(stages).read({ ...START, ...stored }, stop.signal)) {
      for (const { records } of chunk) if (records.length > 0) given.push(records.map(({ bytes, keyStart, keyEnd }) => bytes.toString('utf8', keyStart, keyEnd)));
    }
    return given;
  }

  it('gives the entries behind the position, without what the entries before it told', async () => {
    expect(await read({ position: first })).to.deep.equal([['{"k":1,"c":2}'], ['{"k":1,"c":3}']]);
  });

  it('leaves out what the node logged before it was a member', async () => {
    expect(await read({}, { segment: SEGMENT, position: second })).to.deep.equal([['{"k":1,"c":2}', '{"k":1,"c":3}']]);
    expect([...tally.skipped.entries()].filter(([reason]) => reason === 'joining')).to.have.length(1);
    expect(await read({}, { segment: SEGMENT - 1, position: 1 << 30 })).to.have.length(3);
  });

  it('gives all of the entry that was published in part, whatever of it is known: it goes on by number', async () => {
    expect(await read({ position: second, index: 1 })).to.deep.equal([['{"k":1,"c":1}', '{"k":1,"c":2}'], ['{"k":1,"c":3}']]);
  });

  describe('what was written long before it was logged', () => {
    const LATE_AFTER = 3000;
    const VISIBLE_WITHIN = 5100;
    /** Whether each event is marked. `idleAt`: when there was nothing to read yet, ms behind the writes; `readAt`: when there was. */
    async function lateOf({ idleAt, readAt, isHeld }: { readonly idleAt: number; readonly readAt: number; readonly isHeld: boolean }): Promise<boolean[]> {
      const stop = new AbortController();
      let now = WRITTEN_MS + idleAt;
      let holds = isHeld ? 2 : 0;
      const left: (LiveItem | undefined)[] = [undefined, ...log.sections];
      const poll = (): LiveItem | undefined => {
        const item = left.shift();
        if (item !== undefined) now = WRITTEN_MS + readAt;
        else if (left.length === 0) stop.abort();
        return item;
      };
      const stages = stagesOf({ ...sourceOf([], () => undefined), poll } as Partial<LiveSource> as LiveSource);
      const owners = { ...stages.owners, at: () => ({ decide: () => (holds-- > 0 ? 'hold' as const : 'publish' as const), surelyPublished: () => true }) };
      const live = new LiveLog({ ...stages, owners, now: () => now });
      live.lateAfterMs = LATE_AFTER;
      live.times.visibleWithinMs = VISIBLE_WITHIN;
      const marks: boolean[] = [];
      for await (const chunk of live.read(START, stop.signal)) {
        for (const { records } of chunk) for (const { headers } of records) marks.push(headers.some(([name]) => name === 'cdc.late'));
      }
      return marks;
    }

    for (const isHeld of [false, true]) {
      const how = isHeld ? 'held for want of a ring' : 'found as a backlog';
      it(`is marked though it was ${how}: the log ended there later than that`, async () => {
        expect(await lateOf({ idleAt: LATE_AFTER + VISIBLE_WITHIN + 1, readAt: 60_000, isHeld })).to.include.members([true]).and.not.include(false);
      });

      it(`is not marked when it may have been logged in time, ${how}`, async () => {
        expect(await lateOf({ idleAt: LATE_AFTER + VISIBLE_WITHIN - 1, readAt: 60_000, isHeld })).to.include.members([false]).and.not.include(true);
      });
    }
  });
});
