import { expect } from 'chai';
import { counted, formatMicros, identifier, printable, wrap } from '../../../agent/inspect/text.js';

const halves = (value: bigint): [number, number] => [Number(value >> 32n), Number(BigInt.asIntN(32, value))];

describe('inspect: text', () => {
  it('shows write times to the microsecond, also before 1970', () => {
    expect(formatMicros(...halves(1_795_360_528_612_345n))).to.equal('2026-11-22 15:15:28.612345Z');
    expect(formatMicros(...halves(-1n))).to.equal('1969-12-31 23:59:59.999999Z');
    expect(formatMicros(0, 0)).to.equal('1970-01-01 00:00:00.000000Z');
  });

  it('shows what is no date as the number', () => {
    expect(formatMicros(...halves(2n ** 63n - 1n))).to.equal('9223372036854775807 µs');
    expect(formatMicros(...halves(-(2n ** 63n)))).to.equal('-9223372036854775808 µs');
  });

  it('breaks lines at spaces and keeps the beginning', () => {
    expect(wrap('  name      one two three', '            ', 20)).to.equal('  name      one two\n            three');
    expect(wrap('a-word-that-is-longer-than-the-line b', '', 10)).to.equal('a-word-that-is-longer-than-the-line\nb');
    expect(wrap('', '  ')).to.equal('');
  });

  it('shows control characters as escapes', () => {
    expect(printable('a\u001b[31mb\u202e')).to.equal('a\\u001b[31mb\\u202e');
    expect(identifier('Order_1')).to.equal('Order_1');
    expect(identifier('a b\u0007')).to.equal('"a b\\u0007"');
  });

  it('counts', () => {
    expect([counted(1, 'place'), counted(1234, 'entry', 'entries')]).to.deep.equal(['1 place', '1,234 entries']);
  });
});
