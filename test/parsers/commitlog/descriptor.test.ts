import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { cdcIndexFileName, parseSegmentFileName, readDescriptor } from '../../../parsers/commitlog/descriptor.js';
import { CorruptError } from '../../../parsers/errors.js';

/** CommitLogDescriptor.writeHeader; the CRC takes the id low half first and the length as an int. */
function header(version: number, id: bigint, parameters: string, tamper: (bytes: Buffer) => void = () => undefined): Buffer {
  const json = Buffer.from(parameters);
  const bytes = Buffer.alloc(14 + json.length + 4);
  bytes.writeInt32BE(version, 0);
  bytes.writeBigInt64BE(id, 4);
  bytes.writeUInt16BE(json.length, 12);
  json.copy(bytes, 14);
  const summed = Buffer.alloc(16);
  summed.writeInt32BE(version, 0);
  summed.writeInt32BE(Number(BigInt.asIntN(32, id)), 4);
  summed.writeInt32BE(Number(id >> 32n), 8);
  summed.writeInt32BE(json.length, 12);
  bytes.writeUInt32BE(crc32(json, crc32(summed)), 14 + json.length);
  tamper(bytes);
  return bytes;
}

const codeOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof CorruptError) return error.code;
    throw error;
  }
  return 'none';
};

describe('readDescriptor', () => {
  it('reads plain, compressed and encrypted headers', () => {
    expect(readDescriptor(header(7, 1795360528612n, '{}'))).to.deep.equal({ version: 7, id: 1795360528612, length: 20, compression: null, encryption: null });
    const compressed = '{"compressionClass":"org.apache.cassandra.io.compress.LZ4Compressor","compressionParameters":{}}';
    expect(readDescriptor(header(8, 1n, compressed)).compression).to.equal('LZ4Compressor');
    const encrypted = '{"encCipher":"AES/CBC/PKCS5Padding","encIV":"000102030405060708090a0b0c0d0e0f","encKeyAlias":"key1"}';
    expect(readDescriptor(header(6, 2n, encrypted)).encryption).to.deep.equal({ cipher: 'AES/CBC/PKCS5Padding', keyAlias: 'key1', iv: Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex') });
  });

  it('tells what is wrong', () => {
    expect(codeOf(() => readDescriptor(Buffer.alloc(5)))).to.equal('descriptor_truncated');
    expect(codeOf(() => readDescriptor(Buffer.alloc(64)))).to.equal('descriptor_truncated');
    expect(codeOf(() => readDescriptor(header(7, 5n, '{}').subarray(0, 19)))).to.equal('descriptor_truncated');
    expect(codeOf(() => readDescriptor(Buffer.from('this is not a commit log segment')))).to.equal('descriptor_not_a_segment');
    expect(codeOf(() => readDescriptor(header(7, 5n, '{}', (bytes) => bytes.writeUInt8(9, 7))))).to.equal('descriptor_crc');
    expect(codeOf(() => readDescriptor(header(7, -5n, '{}')))).to.equal('descriptor_crc');
    expect(codeOf(() => readDescriptor(header(7, 5n, '{"a":')))).to.equal('descriptor_crc');
  });

  it('refuses other versions by name', () => {
    expect(() => readDescriptor(header(9, 5n, '{}'))).to.throw(CorruptError, 'commit-log version 9, written by a Cassandra after 5.0');
    expect(() => readDescriptor(header(5, 5n, '{}'))).to.throw(CorruptError, 'before 3.0');
  });
});

describe('segment file names', () => {
  it('carry version and id', () => {
    expect(parseSegmentFileName('CommitLog-7-1795360528612.log')).to.deep.equal({ version: 7, id: 1795360528612 });
    for (const name of ['CommitLog-7-1795360528612_cdc.idx', 'CommitLog-1795360528612.log', 'xCommitLog-7-1.log', 'CommitLog-7-1.log.gz', 'CommitLog-7--1.log']) expect(parseSegmentFileName(name), name).to.equal(null);
    expect(cdcIndexFileName('CommitLog-7-12.log')).to.equal('CommitLog-7-12_cdc.idx');
  });
});
