import { expect } from 'chai';
import type { ConsumedRecord } from '../faults/judge.js';
import { CLEAN, judge } from './verdict.js';
import type { WrittenChange } from './writer.js';

const written: WrittenChange[] = [1, 2, 3, 4].map((n) => ({ key: n % 2, timestamp: 1000 + n, kind: 'insert', ackedAt: n }));
const record = (k: number, ts: number): ConsumedRecord => ({ partition: 0, offset: 0, key: null, value: Buffer.from(JSON.stringify({ op: 'c', ts_us: ts, after: { k } })), timestamp: 0, headers: [] });
const all = written.map(({ key, timestamp }) => record(key, timestamp));

describe('the verdict over published events', () => {
  it('is clean when each change is there once', () => expect(judge(written, all)).to.include(CLEAN));
  it('sees what is missing, unless nobody acknowledged it', () => {
    expect(judge(written, all.slice(1)).lost).to.equal(1);
    expect(judge([{ ...written[0], ackedAt: undefined }, ...written.slice(1)], all.slice(1)).lost).to.equal(0);
  });
  it('sees what is there twice', () => expect(judge(written, [...all, all[3]]).duplicated).to.equal(1));
  it('sees what nobody wrote', () => expect(judge(written, [...all, record(1, 99_999)]).invented).to.equal(1));
  it('sees a key out of order', () => expect(judge(written, [all[2], all[0], all[1], all[3]]).disordered).to.equal(1));
});
