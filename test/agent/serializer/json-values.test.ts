/** Values written as bytes are the text of their type, always. */
import { expect } from 'chai';
import fc from 'fast-check';
import { JsonBytes } from '../../../agent/serializer/json-bytes.js';
import { ValueWriter, valueShape } from '../../../agent/serializer/json-values.js';
import { CASSANDRA_JSON, type JsonOptions } from '../../../parsers/index.js';
import { parseCqlType } from '../../../parsers/schema/cql-type.js';
import { Rng, runSeed } from '../../helpers/random.js';
import { SCALARS } from '../../helpers/type-models.js';

const OTHER_OPTIONS: JsonOptions = { int64: 'string', decimal: 'string', blob: 'base64', timestamp: 'iso' };

/** As the writer writes it, behind something else and within a buffer. */
function written(cql: string, value: Buffer, options: JsonOptions): string {
  const type = parseCqlType(cql);
  const out = new JsonBytes();
  const writer = new ValueWriter(out, options);
  writer.source = Buffer.concat([Buffer.of(1, 2, 3), value, Buffer.of(4, 5)]);
  out.begin();
  writer.write({ type, shape: valueShape(type, options) }, 3, 3 + value.length);
  return out.bytes.toString('utf8', 0, out.at);
}

function same(cql: string, value: Buffer, options = CASSANDRA_JSON): void {
  expect(written(cql, value, options), cql).to.equal(parseCqlType(cql).toJson(value, 0, value.length, options));
}

function int64(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigInt64BE(BigInt.asIntN(64, value));
  return out;
}

function double(value: number): Buffer {
  const out = Buffer.alloc(8);
  out.writeDoubleBE(value);
  return out;
}

describe('JSON values', () => {
  const seed = runSeed(7);
  for (const type of SCALARS) {
    const { cql } = type;
    it(`${cql} is written as its type prints it (seed ${seed})`, () => {
      const rng = new Rng(seed);
      for (let i = 0; i < 200; i++) {
        const value = type.random(rng, i % 50 === 0 ? 1000 : 30);
        same(cql, value);
        same(cql, value, OTHER_OPTIONS);
      }
      if (type.allowsEmpty) same(cql, Buffer.alloc(0));
    });
  }

  it('text of any characters and length', () => {
    for (const unit of ['grapheme', 'grapheme-ascii', 'binary'] as const) {
      fc.assert(fc.property(fc.string({ unit, maxLength: 300 }), (text) => same('text', Buffer.from(text))));
    }
    for (const length of [199, 200, 201, 300_000]) same('text', Buffer.alloc(length, 'é"'));
  });

  it('bigint and timestamp of any size', () => {
    fc.assert(fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
      same('bigint', int64(value));
      same('timestamp', int64(value));
    }));
    for (let power = 0n; power < 63n; power++) {
      for (const value of [2n ** power, 2n ** power - 1n, -(2n ** power), 10n ** (power % 19n), 10n ** (power % 19n) - 1n]) same('bigint', int64(value));
    }
    const year = (text: string): bigint => BigInt(Date.parse(text));
    for (const edge of [year('0001-01-01T00:00:00Z'), year('9999-12-31T23:59:59.999Z'), 0n, year('2024-02-29T12:34:56.789Z'), year('1969-12-31T23:59:59.999Z')]) {
      for (const near of [-1n, 0n, 1n]) same('timestamp', int64(edge + near));
    }
  });

  it('double with few digits and with many', () => {
    fc.assert(fc.property(fc.integer({ min: -99_999_999_999, max: 99_999_999_999 }), fc.integer({ min: 0, max: 12 }), (digits, scale) => same('double', double(digits / 10 ** scale))), { numRuns: 2000 });
    fc.assert(fc.property(fc.double(), (value) => same('double', double(value))), { numRuns: 2000 });
    for (const value of [0, -0, 1, 0.5, 0.001, 0.000999, 9999999, 9999999.999, 1e7, 0.1 + 0.2, 5e-324, NaN, Infinity, 435.61]) same('double', double(value));
  });

  it('decimal of any scale', () => {
    fc.assert(fc.property(fc.bigInt(-(2n ** 60n), 2n ** 60n), fc.integer({ min: -3, max: 12 }), (unscaled, scale) => {
      const head = Buffer.alloc(4);
      head.writeInt32BE(scale);
      same('decimal', Buffer.concat([head, int64(unscaled)]));
      const short = int64(unscaled % 2n ** 47n).subarray(2);
      same('decimal', Buffer.concat([head, short]));
      same('decimal', Buffer.concat([head, int64(unscaled % 127n).subarray(7)]));
    }), { numRuns: 1000 });
  });

  it('bytes that are no value of their type are refused', () => {
    for (const [cql, length] of [['int', 3], ['bigint', 7], ['uuid', 15], ['boolean', 2], ['timestamp', 9], ['double', 4], ['decimal', 3]] as const) {
      expect(() => written(cql, Buffer.alloc(length), CASSANDRA_JSON), cql).to.throw();
    }
  });
});
