import { expect } from 'chai';
import type { ConsumedRecord } from '../faults/judge.js';
import { CLEAN_RING, judgeRing, outlived, tallyRing } from './ring-verdict.js';
import { RING_TEXT, type RingChange } from './ring-writer.js';

const change = (op: RingChange['op'], c: number, v: number | undefined, at: number): RingChange => ({ op, k: 1, c, v, isLwt: false, issuedAt: at, ackedAt: at + 1 });
const [INSERT, UPDATE, OTHER, DELETE] = [change('insert', 1, 1, 10), change('update', 1, 2, 20), change('insert', 2, 3, 30), change('delete', 2, undefined, 40)];
const written = [INSERT, UPDATE, OTHER, DELETE];

interface Given {
  readonly op: 'c' | 'u' | 'd';
  readonly ts: number;
  readonly c: number;
  readonly v?: number;
  readonly t?: string;
  readonly marker?: number;
  readonly cells?: unknown;
  readonly id?: string;
  readonly late?: boolean;
  readonly position?: number;
  readonly host?: string;
}

function record({ op, ts, c, v, t, marker, cells = null, id = `${op} ${c} ${v} ${ts}`, late = false, position = 1, host = 'h' }: Given): ConsumedRecord {
  const value = { op, ts_us: ts, ts_ms: 5000, after: { k: 1, c, v, t }, row: marker === undefined ? null : { ts_us: marker }, cells, source: { host_id: host, segment: 1, position } };
  const headers: [string, Buffer][] = [['cdc.id', Buffer.from(id)], ...(late ? [['cdc.late', Buffer.from('true')] as [string, Buffer]] : [])];
  return { partition: 0, offset: 0, key: null, value: Buffer.from(JSON.stringify(value)), timestamp: 0, headers };
}

const insert = record({ op: 'c', ts: 100, c: 1, v: 1, t: RING_TEXT, marker: 100 });
const update = record({ op: 'u', ts: 200, c: 1, v: 2 });
const other = record({ op: 'c', ts: 300, c: 2, v: 3, t: RING_TEXT, marker: 300 });
const deletion = record({ op: 'd', ts: 400, c: 2 });
const all = [insert, update, other, deletion];
/** The first row as both of its writes left it. */
const MERGED: Given = { op: 'c', ts: 200, c: 1, v: 2, t: RING_TEXT, marker: 100, cells: { t: { ts_us: 100 } }, id: 'of the stream' };

describe('the verdict over what a ring publishes', () => {
  const tally = (records: readonly ConsumedRecord[]): ReturnType<typeof tallyRing> => tallyRing(judgeRing(written, records));

  it('is clean when each change is there once', () => expect(tally(all)).to.include(CLEAN_RING));

  it('sees what is missing, unless nobody acknowledged it', () => {
    expect(tally([insert, update, other]).lost).to.equal(1);
    expect(judgeRing([...written.slice(0, 3), { ...DELETE, ackedAt: undefined }], [insert, update, other]).lost).to.have.lengthOf(0);
  });

  it('sees what is there twice: with its own id, and with another', () => {
    expect(tally([...all, insert])).to.include({ ...CLEAN_RING, repeated: 1 });
    expect(judgeRing(written, [...all, record({ op: 'd', ts: 400, c: 2, late: true })]).repeated[0]).to.deep.include({ change: DELETE, isLate: true, readAt: 5000, host: 'h' });
    expect(tally([...all, record({ op: 'd', ts: 401, c: 2 })])).to.include({ ...CLEAN_RING, altered: 1 });
  });

  it('sees what nobody wrote', () => {
    for (const one of [record({ op: 'u', ts: 200, c: 1, v: 9 }), record({ op: 'd', ts: 200, c: 1 }), record({ op: 'u', ts: 200, c: 1 }), record({ op: 'c', ts: 300, c: 3, v: 3, marker: 300 })]) {
      expect(tally([...all, one])).to.include({ ...CLEAN_RING, invented: 1 });
    }
  });

  it('knows a row that was streamed as several writes left it', () => {
    expect(tally([...all, record(MERGED)])).to.include({ ...CLEAN_RING, merged: 1 });
    expect(judgeRing(written, [...all, record({ ...MERGED, late: true })]).merged[0]).to.deep.include({ c: 1, v: 2, isInsert: true, isLate: true });
  });

  it('takes no row for a streamed one whose cell, marker or time nobody wrote', () => {
    const wrong: Partial<Given>[] = [{ v: 7 }, { v: 3 }, { t: 'y' }, { marker: 150 }, { ts: 201 }, { cells: { t: { ts_us: 150 } } }, { cells: null }];
    for (const part of wrong) expect(tally([...all, record({ ...MERGED, ...part })]), JSON.stringify(part)).to.include({ ...CLEAN_RING, invented: 1 });
  });

  it('sees a row out of order, unless the log of a node has it so', () => {
    expect(tally([update, insert, other, deletion])).to.include({ ...CLEAN_RING, disordered: 1, overtaken: 0 });
    const logged = (position: number, host = 'h'): ConsumedRecord => record({ op: 'c', ts: 100, c: 1, v: 1, t: RING_TEXT, marker: 100, position, host });
    expect(tally([update, logged(2), other, deletion])).to.include({ ...CLEAN_RING, overtaken: 1 });
    expect(tally([update, logged(0), other, deletion])).to.include({ ...CLEAN_RING, disordered: 1, overtaken: 0 });
    expect(tally([update, logged(2, 'of another'), other, deletion])).to.include({ ...CLEAN_RING, disordered: 1, overtaken: 0 });
  });

  it('tells what was overwritten before anybody could publish it from what is lost', () => {
    const missed = (records: readonly ConsumedRecord[]): readonly RingChange[] => outlived(judgeRing(written, records), written);
    expect(missed([insert, update, deletion])).to.deep.equal([OTHER]);
    expect(missed([record(MERGED), other, deletion])).to.deep.equal([INSERT, UPDATE]);
    expect(missed([insert, update, other]), 'a deletion').to.deep.equal([]);
    expect(missed([update, other, deletion]), 'an update has no marker').to.deep.equal([]);
    expect(missed([insert, other, deletion]), 'the last of a row').to.deep.equal([]);
  });
});
