import { expect } from 'chai';
import fc from 'fast-check';
import { CorruptError } from '../../../parsers/errors.js';
import { DataInput } from '../../../parsers/io/data-input.js';

/** VIntCoding.writeUnsignedVInt, from its comment: as many leading ones as bytes follow. */
function unsignedVInt(value: bigint): Buffer {
  let extra = 0;
  while (extra < 8 && value >= 1n << BigInt(7 * (extra + 1))) extra++;
  const bytes = Buffer.alloc(9);
  bytes.writeBigUInt64BE(value, 1);
  if (extra === 8) bytes[0] = 0xff;
  else bytes[8 - extra] |= 0xff00 >> extra;
  return bytes.subarray(8 - extra);
}

function inputOf(bytes: Buffer): DataInput {
  const input = new DataInput();
  input.reset(bytes, 0, bytes.length, 100);
  return input;
}

const halves = (value: bigint): [number, number] => [Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value))];

describe('DataInput', () => {
  it('reads every unsigned vint', () => {
    const edges = Array.from({ length: 65 }, (_, bit) => (1n << BigInt(bit)) - 1n).flatMap((n) => [n, n + 1n, n - 1n]).filter((n) => n >= 0n && n < 1n << 64n);
    const check = (value: bigint): void => {
      const bytes = unsignedVInt(value);
      const input = inputOf(Buffer.concat([bytes, Buffer.from([0xaa])]));
      input.readUnsignedVInt();
      expect([input.high, input.low, input.position]).to.deep.equal([...halves(value), bytes.length]);
    };
    edges.forEach(check);
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), check), { numRuns: 5000 });
  });

  it('reads vints written from ints, negative ones too, and refuses the others', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        expect(inputOf(unsignedVInt(BigInt.asUintN(64, BigInt(value)))).readUnsignedVInt32()).to.equal(value);
      }),
    );
    for (const value of [1n << 31n, 1n << 32n, (1n << 63n) - 1n, 1n << 63n]) expect(() => inputOf(unsignedVInt(value)).readUnsignedVInt32()).to.throw(CorruptError, '32 bits');
  });

  it('reads bytes, shorts and ints big-endian', () => {
    const input = inputOf(Buffer.from('ff 8001 fffffffe'.replaceAll(' ', ''), 'hex'));
    expect([input.readUnsignedByte(), input.readUnsignedShort(), input.readInt()]).to.deep.equal([255, 32769, -2]);
  });

  it('never reads past its limit and says where', () => {
    const reads: ((input: DataInput) => unknown)[] = [(i) => i.readUnsignedByte(), (i) => i.readUnsignedShort(), (i) => i.readInt(), (i) => i.readUnsignedVInt(), (i) => i.readUnsignedVInt32(), (i) => i.readLength(), (i) => i.take(9)];
    for (const read of reads) {
      const input = new DataInput();
      input.reset(Buffer.alloc(16, 0xff), 8, 8, 100);
      expect(() => read(input)).to.throw(CorruptError, 'position 108');
      expect(input.position).to.equal(8);
    }
    const cut = inputOf(Buffer.from([0xff, 1, 2, 3]));
    expect(() => cut.readUnsignedVInt()).to.throw(CorruptError);
  });

  it('refuses lengths that are negative or longer than what is left', () => {
    expect(inputOf(Buffer.from([2, 0, 0])).readLength()).to.equal(2);
    expect(() => inputOf(Buffer.from([3, 0, 0])).readLength()).to.throw(CorruptError, 'length of 3 where 2 bytes are left');
    expect(() => inputOf(unsignedVInt(BigInt.asUintN(64, -1n))).readLength()).to.throw(CorruptError, 'length of -1');
  });
});
