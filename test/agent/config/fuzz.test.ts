/** Whatever the file holds: an answer with places, never another error, never a hang. */
import { expect } from 'chai';
import fc from 'fast-check';
import { DECLARATION } from '../../../agent/config/declaration.js';
import { printDefaults } from '../../../agent/config/print-defaults.js';
import { mistakes } from './world.js';

const DEFAULTS = printDefaults(DECLARATION).replace(/^ *#.*\n/gm, '');
const NASTY = ['\t', '\n', ' ', ':', ': ', '-', '- ', '[', ']', '{', '}', ',', '"', '\'', '#', '&a ', '*a', '!t ', '|\n', '>', '%', '@', '`', '? ', '<<: ', '---\n', '...\n', '${', '$${', '${env:X}', '\u0000', '\ufeff', '\u2028', '\r', '\ud800', '__proto__: ', '~', '.inf', '0x', '1e999', 'null'];

describe('configuration: any text', function () {
  this.timeout(60_000);

  it('is answered with places inside of it', () => {
    const edits = fc.array(fc.tuple(fc.nat(DEFAULTS.length), fc.nat(12), fc.constantFrom(...NASTY)), { minLength: 1, maxLength: 6 });
    const edited = edits.map((all) => all.reduce((text, [at, cut, insert]) => text.slice(0, at) + insert + text.slice(at + cut), DEFAULTS));
    const soup = fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.constantFrom('kafka', 'cassandra', 'brokers', 'x', '1')), { maxLength: 60 }).map((parts) => parts.join(''));
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(edited, soup), (text) => {
        const lines = text.split(/\r?\n|\r/).length;
        const found = mistakes(text, { env: { X: 'y' } });
        if (found.length > 0) refused++;
        for (const { line, column, message, fix } of found) {
          expect(line).to.be.within(1, lines + 1);
          expect(column).to.be.greaterThan(0);
          expect([message, fix].every((words) => words.length > 0 && !/undefined|\[object|NaN/.test(words)), `${message} / ${fix}`).to.equal(true);
        }
      }),
      { numRuns: Number(process.env['CONFIG_FUZZ'] ?? 300) },
    );
    expect(refused).to.be.greaterThan(100);
  });
});
