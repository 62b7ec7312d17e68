import { expect } from 'chai';
import fc from 'fast-check';
import { quoteJson, quoteUtf8 } from '../../../parsers/io/json-text.js';

describe('JSON text', () => {
  it('escapes quotation mark, backslash and control characters, with upper-case digits', () => {
    expect(quoteJson('a"b\\c/d')).to.equal('"a\\"b\\\\c/d"');
    expect(quoteJson('\b\t\n\f\r')).to.equal('"\\b\\t\\n\\f\\r"');
    expect(quoteJson('\u0000\u0001\u000b\u001f\u007f')).to.equal('"\\u0000\\u0001\\u000B\\u001F\u007f"');
    expect(quoteJson('\\u001f \u001f')).to.equal('"\\\\u001f \\u001F"');
    expect(quoteJson('ü\u2028😀')).to.equal('"ü\u2028😀"');
  });

  it('is JSON that reads back, whatever stands around the bytes', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 100 }), fc.string({ maxLength: 100 })), (text) => {
      const bytes = Buffer.from(text);
      const around = Buffer.concat([Buffer.from('"\\'), bytes, Buffer.from('\u0000"')]);
      const json = quoteUtf8(around, 2, 2 + bytes.length);
      expect(JSON.parse(json)).to.equal(text);
      expect(json).to.equal(quoteJson(text));
    }), { numRuns: 3000 });
  });

  it('replaces what is not UTF-8', () => {
    expect(quoteUtf8(Buffer.from([0x61, 0xc0, 0x80, 0x62]), 0, 4)).to.equal('"a\ufffd\ufffdb"');
  });
});
