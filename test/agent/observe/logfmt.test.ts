/** logfmt: values come back, and stay on one line. Numbers as people read them. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { Secret } from '../../../agent/config/secret.js';
import { fieldJson, fieldText, type Kind } from '../../../agent/observe/fields.js';
import { humanBytes, humanDuration, humanRatio } from '../../../agent/observe/humanise.js';
import { logfmtKey, logfmtValue, safeText } from '../../../agent/observe/logfmt.js';

/** An independent reader of what logfmtValue writes. */
function readBack(written: string): string {
  return written.startsWith('"') ? (JSON.parse(written) as string) : written;
}

describe('logfmt', () => {
  it('quotes what needs it and nothing else', () => {
    const values = { word: 'word', '1795360528612:19204112': '1795360528612:19204112', 'two words': '"two words"', '': '""', 'a=b': '"a=b"', 'say "x"': '"say \\"x\\""', 'a\\b': '"a\\\\b"', 'line\nline\t': '"line\\nline\\t"', '\u001b[31m': '"\\u001b[31m"', 'é€': 'é€' };
    for (const [value, written] of Object.entries(values)) expect(logfmtValue(value), inspect(value)).to.equal(written);
  });

  it('gives every value back, on one line, without control characters', function () {
    this.timeout(30_000);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '\n', '\r', '\u001b', '\u0085', '\u2028', '\u202e', '=', '\u007f') })), (value) => {
        const written = logfmtValue(value);
        expect(written).to.not.match(/[\p{Cc}\u2028\u2029\u202e]/u);
        expect(readBack(written)).to.equal(value);
      }),
    );
  });

  it('keeps keys and events harmless', () => {
    expect(logfmtKey('a b="c"')).to.equal('a_b__c_');
    expect(safeText('x\ny')).to.equal('x\\ny');
  });
});

describe('humanised numbers', () => {
  it('bytes', () => {
    const sizes: readonly [number, string][] = [[0, '0B'], [512, '512B'], [1023, '1023B'], [1024, '1KiB'], [1536, '1.5KiB'], [10_240, '10KiB'], [32_505_856, '31MiB'], [8 * 2 ** 30, '8GiB'], [2 ** 60, '1024PiB']];
    for (const [value, text] of sizes) expect(humanBytes(value)).to.equal(text);
  });

  it('durations', () => {
    const times: readonly [number, string][] = [[0, '0ms'], [0.34, '0.3ms'], [7.25, '7.3ms'], [100, '100ms'], [999, '999ms'], [999.7, '1s'], [1500, '1.5s'], [59_499, '59s'], [59_501, '1m'], [150_000, '2m30s'], [3_599_600, '1h'], [11_100_000, '3h05m'], [187_200_000, '2d04h'], [-1500, '-1.5s']];
    for (const [value, text] of times) expect(humanDuration(value), String(value)).to.equal(text);
  });

  it('shares', () => expect([0, 0.331, 1 / 3, 1].map(humanRatio)).to.deep.equal(['0%', '33.1%', '33.3%', '100%']));
});

describe('log fields', () => {
  const text = (kind: Kind, value: unknown): string => fieldText({ name: 'x', kind, value });

  it('errors: code and message, once', () => {
    expect(text('error', Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }))).to.equal('EHOSTUNREACH: no route');
    expect(text('error', Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:9092'), { code: 'ECONNREFUSED' }))).to.equal('connect ECONNREFUSED 127.0.0.1:9092');
    expect(text('error', new TypeError(''))).to.equal('TypeError');
    expect(text('error', 'just text')).to.equal('just text');
    expect(fieldJson({ name: 'error', kind: 'error', value: Object.assign(new Error('m'), { code: 'C' }) })).to.deep.equal(['error', { code: 'C', message: 'm' }]);
  });

  it('lists, flags, nothing, objects', () => {
    expect([text('list', ['a', 'b']), text('flag', true), text('text', null), text('row', { a: [1] })]).to.deep.equal(['a,b', 'true', 'null', '{"a":[1]}']);
  });

  it('secrets are stars, in text and in JSON', () => {
    const secret = new Secret('hunter2');
    const said = [text('text', secret), text('list', [secret]), text('row', { secret }), JSON.stringify(fieldJson({ name: 'x', kind: 'text', value: secret }))];
    expect(said).to.deep.equal(['***', '***', '{"secret":"***"}', '["x","***"]']);
  });
});
