import { expect } from 'chai';
import fc from 'fast-check';
import { createRequire } from 'node:module';
import type { PublishRecord } from '../../../../../agent/publisher/kafka/port.js';
import { crc32c } from '../../../../../agent/publisher/kafka/wire/crc32c.js';
import { BATCH_HEADER_BYTES, RecordBatch } from '../../../../../agent/publisher/kafka/wire/record-batch.js';
import { recordOf } from '../../../../faults/sequence.js';

/** The oracle: kafkajs' own reader of record batches, written by others for what brokers send. */
const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js') as (decoder: object) => Promise<Decoded>;

interface Decoded {
  readonly records: readonly { readonly key: Buffer | null; readonly value: Buffer | null; readonly timestamp: string; readonly offset: string; readonly headers: Record<string, Buffer | Buffer[]> }[];
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly inTransaction: boolean;
}

const SEALING = { producerId: 0x123456789an, epoch: 77, baseSequence: 4242, codec: 0 };

/** kafkajs keeps headers in a plain object, where names like `valueOf` are taken. */
const headerName = fc.string({ unit: 'binary', maxLength: 50 }).map((name) => `h.${name}`);

const record = fc
  .record({
    key: fc.string({ unit: 'binary', maxLength: 60 }), value: fc.option(fc.string({ unit: 'binary', maxLength: 400 })),
    headers: fc.uniqueArray(fc.tuple(headerName, fc.string({ unit: 'binary', maxLength: 60 })), { maxLength: 4, selector: ([name]) => name }),
    timestamp: fc.oneof(fc.integer({ min: 0, max: 2 ** 42 }), fc.constantFrom(0, 1795360528612, 2 ** 41)),
  })
  .map(({ key, value, headers, timestamp }) => recordOf('t', key, value, { headers, timestamp }));

/** The decoder reads behind base offset and length. */
async function decode(batch: Buffer): Promise<Decoded> {
  expect(batch.readInt32BE(8)).to.equal(batch.length - 12);
  return decodeBatch(new Decoder(batch));
}

function part(bytes: Buffer, start: number, end: number): Buffer | null {
  return start < 0 ? null : bytes.subarray(start, end);
}

function batchOf(records: readonly PublishRecord[]): RecordBatch {
  const batch = new RecordBatch();
  for (const each of records) expect(batch.append(each, each.timestamp, 10_000_000)).to.be.greaterThan(0);
  return batch;
}

describe('record batch', () => {
  it('is read back by kafkajs as it was written, whatever the records', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 40 }), async (records) => {
        const batch = batchOf(records);
        const bytes = await batch.seal(SEALING);
        expect(bytes.length).to.equal(batch.length);
        const decoded = await decode(bytes);
        expect([decoded.producerId, decoded.producerEpoch, decoded.inTransaction]).to.deep.equal([SEALING.producerId.toString(), SEALING.epoch, true]);
        expect(decoded.records).to.have.length(records.length);
        records.forEach((each, n) => {
          const { key, value, timestamp, offset, headers } = decoded.records[n];
          expect(key).to.deep.equal(part(each.bytes, each.keyStart, each.keyEnd));
          expect(value).to.deep.equal(part(each.bytes, each.valueStart, each.valueEnd));
          expect([timestamp, offset]).to.deep.equal([String(each.timestamp), String(n)]);
          expect(Object.entries(headers).map(([name, text]) => [name, text.toString()]).sort()).to.deep.equal([...each.headers].map(([name, text]) => [name, Buffer.from(text).toString()]).sort());
        });
      }),
    );
  });

  it('has the latest timestamp, the sequence and the checksum in its header', async () => {
    const bytes = await batchOf([recordOf('t', 'a', '1', { timestamp: 5 }), recordOf('t', 'a', '2', { timestamp: 9 }), recordOf('t', 'a', '3', { timestamp: 2 })]).seal(SEALING);
    expect([bytes.readBigInt64BE(27), bytes.readBigInt64BE(35), bytes.readInt32BE(53), bytes.readInt32BE(57), bytes.readInt32BE(23)]).to.deep.equal([5n, 9n, 4242, 3, 2]);
    expect(bytes.readUInt32BE(17)).to.equal(crc32c(bytes, 21));
    expect(bytes[16]).to.equal(2);
    expect(bytes.readInt16BE(21)).to.equal(16);
  });

  it('takes no record beyond the limit, but always the first', () => {
    const batch = new RecordBatch();
    const large = recordOf('t', 'k', 'x'.repeat(1000));
    const added = batch.append(large, 1, 100);
    expect(added).to.be.greaterThan(1000);
    expect(batch.append(recordOf('t', 'k', ''), 1, 100)).to.equal(0);
    expect(batch.length).to.equal(BATCH_HEADER_BYTES + added);
    // Exactly at the limit it fits.
    expect(batch.append(large, 1, batch.length + added)).to.equal(added);
    expect(batch.append(large, 1, batch.length + added - 1)).to.equal(0);
  });

  it('can be used again after clear', async () => {
    const batch = batchOf([recordOf('t', 'old', 'old')]);
    batch.clear();
    batch.append(recordOf('t', 'new', '1'), 3, 1000);
    const { records } = await decode(await batch.seal(SEALING));
    expect(records.map(({ key }) => key?.toString())).to.deep.equal(['new']);
  });

  it('crc32c gives the values of RFC 3720', () => {
    expect(crc32c(Buffer.alloc(32))).to.equal(0x8a9136aa);
    expect(crc32c(Buffer.alloc(32, 0xff))).to.equal(0x62a8ab43);
    expect(crc32c(Buffer.from(Array.from({ length: 32 }, (_, n) => n)))).to.equal(0x46dd794e);
    expect(crc32c(Buffer.from('123456789'))).to.equal(0xe3069283);
  });
});
