import { expect } from 'chai';
import fc from 'fast-check';
import { BrokerError } from '../../../../../agent/publisher/kafka/wire/error-codes.js';
import { produce } from '../../../../../agent/publisher/kafka/wire/produce.js';
import { ProtocolReader } from '../../../../../agent/publisher/kafka/wire/protocol-reader.js';
import { ProtocolWriter } from '../../../../../agent/publisher/kafka/wire/protocol-writer.js';
import { apiVersions, offsetFetch, type WireRequest } from '../../../../../agent/publisher/kafka/wire/requests.js';

function answer<T>(request: WireRequest<T>, payload: Buffer): T {
  return request.read(payload).value;
}

function failure(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

function written(writer: ProtocolWriter): Buffer {
  return Buffer.concat(writer.parts());
}

describe('Kafka protocol primitives', () => {
  it('are read back as written', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.option(fc.string({ maxLength: 700 })), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.uint8Array({ maxLength: 900 }))), (rows) => {
        const writer = new ProtocolWriter(16);
        for (const [number, text, long, bytes] of rows) writer.unsignedVarint(number).string(text).compactString(text).int64(long).raw(bytes).int16(-7).noTags();
        const reader = new ProtocolReader(written(writer));
        for (const [number, text, long, bytes] of rows) {
          expect(reader.unsignedVarint()).to.equal(number);
          expect([reader.string(), reader.compactString(), reader.int64()]).to.deep.equal([text, text, long]);
          for (const byte of bytes) expect(reader.int8() & 255).to.equal(byte);
          expect(reader.int16()).to.equal(-7);
          reader.tags();
        }
        expect(reader.remaining).to.equal(0);
      }),
    );
  });

  it('refuse lengths and counts beyond what is left', () => {
    for (const bytes of [[0x7f, 0xff], [0xff, 0xff, 0xff, 0xff, 0x07], [5, 65]]) {
      expect(() => new ProtocolReader(Buffer.from(bytes)).compactString(), bytes.join()).to.throw(RangeError, 'Kafka answer');
    }
    expect(() => new ProtocolReader(Buffer.from([0x7f, 0xff, 0xff, 0xff])).array(() => 0)).to.throw(RangeError, '2147483647 items in 0 bytes');
    expect(() => new ProtocolReader(Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 1])).unsignedVarint()).to.throw(RangeError, 'more than five bytes');
    expect(() => new ProtocolReader(Buffer.from([1, 0, 9])).tags()).to.throw(RangeError);
  });

  it('answers that are cut anywhere are errors', () => {
    const whole = written(new ProtocolWriter().noTags().int32(0).compactArrayLength(1).compactString('p').compactArrayLength(1)
      .int32(0).int64(42n).int32(-1).compactString('{}').int16(0).noTags().noTags().int16(0).noTags());
    const request = offsetFetch({ group: 'g', topic: 'p', partition: 0 });
    expect(answer(request, whole)).to.deep.equal({ offset: 42n, metadata: '{}' });
    for (let length = 0; length < whole.length - 1; length++) {
      expect(failure(() => answer(request, whole.subarray(0, length))), `cut at ${length}`).to.be.instanceOf(RangeError);
    }
  });

  it('OffsetFetch tells an unsettled offset from none', () => {
    const with88 = written(new ProtocolWriter().noTags().int32(0).compactArrayLength(1).compactString('p').compactArrayLength(1)
      .int32(0).int64(-1n).int32(-1).compactString('').int16(88).noTags().noTags().int16(0).noTags());
    expect(failure(() => answer(offsetFetch({ group: 'g', topic: 'p', partition: 0 }), with88))).to.include({ type: 'UNSTABLE_OFFSET_COMMIT', request: 'OffsetFetch' });
  });

  it('ApiVersions finds transaction.version among the finalized features', () => {
    const features = written(new ProtocolWriter().compactArrayLength(2).compactString('metadata.version').int16(27).int16(27).noTags()
      .compactString('transaction.version').int16(2).int16(0).noTags());
    const body = written(new ProtocolWriter().int16(0).compactArrayLength(1).int16(26).int16(0).int16(5).noTags().int32(0)
      .unsignedVarint(2).unsignedVarint(1).unsignedVarint(8).int64(3n).unsignedVarint(2).unsignedVarint(features.length).raw(features));
    const { versions, transactionVersion } = answer(apiVersions({ name: 'a', version: '1' }), body);
    expect([versions.get(26), transactionVersion]).to.deep.equal([5, 2]);
  });

  describe('Produce', () => {
    const topics = new Map([['a', [{ partition: 0, batch: Buffer.from('x') }, { partition: 1, batch: Buffer.from('y') }]]]);
    const request = produce({ version: 12, transactionalId: 't', timeoutMs: 1, topics });
    const reply = (...codes: number[]): Buffer => {
      const writer = new ProtocolWriter().noTags().compactArrayLength(1).compactString('a').compactArrayLength(codes.length);
      codes.forEach((code, n) => writer.int32(n).int16(code).int64(0n).int64(0n).int64(0n).compactArrayLength(0).compactString(null).noTags());
      return written(writer.noTags().int32(0).noTags());
    };

    it('succeeds when every partition does', () => expect(failure(() => answer(request, reply(0, 0)))).to.equal(undefined));

    it('names the partition that failed', () => {
      const error = failure(() => answer(request, reply(0, 10)));
      expect(error).to.be.instanceOf(BrokerError);
      expect(error).to.include({ type: 'MESSAGE_TOO_LARGE', topic: 'a', partition: 1 });
    });

    it('may be repeated (CONCURRENT_TRANSACTIONS) only when no partition took anything', () => {
      expect(failure(() => answer(request, reply(51, 51)))).to.include({ type: 'CONCURRENT_TRANSACTIONS' });
      expect(failure(() => answer(request, reply(51, 0)))).to.be.instanceOf(RangeError);
      expect(failure(() => answer(request, reply(51, 47)))).to.include({ type: 'INVALID_PRODUCER_EPOCH' });
    });

    it('does not take silence about a partition for success', () => expect(failure(() => answer(request, reply(0)))).to.be.instanceOf(RangeError));
  });
});
