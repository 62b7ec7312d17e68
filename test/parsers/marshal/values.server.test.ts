/** Values of every type against Cassandra's own AbstractType.validate and toJSONString. */
import { expect } from 'chai';
import fc from 'fast-check';
import { type AbstractType, CASSANDRA_JSON, MarshalError } from '../../../parsers/marshal/abstract-type.js';
import { parseClassName } from '../../../parsers/marshal/type-parser.js';
import { isSameJson } from '../../helpers/same-json.js';
import { anyType, damaged, type GeneratedType, SIMPLE_TYPES } from '../../helpers/value-generators.js';
import { askValues, type Value, type ValueAnswer } from '../../helpers/values-oracle.js';

const seed = Number(process.env['CDC_SEED'] ?? Date.now() % 2 ** 31);

/** Places where the answers differ; the first few are enough to see why. */
function differences(values: readonly Value[], answers: readonly ValueAnswer[]): string[] {
  const found: string[] = [];
  values.forEach((value, i) => {
    const problem = differenceOf(parseClassName(value.className), value.bytes, answers[i]);
    if (problem !== null && found.length < 10) found.push(`${value.className} ${value.bytes.toString('hex').slice(0, 200)}: ${problem}`);
  });
  return found;
}

function differenceOf(type: AbstractType, bytes: Buffer, answer: ValueAnswer): string | null {
  // inside other bytes: what stands around a value must not matter
  const around = Buffer.concat([Buffer.alloc(3, 0xee), bytes, Buffer.alloc(5, 0xee)]);
  const [start, end] = [3, 3 + bytes.length];
  const whole = verdict(() => type.validate(around, start, end));
  if (whole !== (answer.validate === 'ok')) return `validate ${whole}, Cassandra ${answer.validate}`;
  const cell = verdict(() => type.validateCellValue(around, start, end));
  if (cell !== (answer.validateCellValue === 'ok')) return `validateCellValue ${cell}, Cassandra ${answer.validateCellValue}`;
  const json = text(() => type.toJson(around, start, end, CASSANDRA_JSON));
  if (!whole) return null;
  if (json === null) return `no JSON, Cassandra ${answer.json}`;
  // Cassandra fails on some values that it takes for valid: ours must be JSON then, the unit tests say which
  if (answer.json.startsWith('!')) return parses(json) ? null : `not JSON: ${json}`;
  return isSameJson(type.className, json, answer.json) ? null : firstDifference(json, answer.json);
}

function firstDifference(ours: string, cassandras: string): string {
  let at = 0;
  while (ours[at] === cassandras[at]) at++;
  const [a, b] = [ours, cassandras].map((json) => json.slice(Math.max(0, at - 40), at + 60));
  return `…${a}…, Cassandra …${b}…`;
}

/** Errors other than MarshalError are bugs and pass through. */
function verdict(check: () => void): boolean {
  return text(() => { check(); return ''; }) !== null;
}

function text(make: () => string): string | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof MarshalError) return null;
    throw error;
  }
}

function parses(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch {
    return false;
  }
}

function sample<T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] {
  return fc.sample(arbitrary, { numRuns, seed });
}

function valuesOf(type: GeneratedType, bytes: readonly Buffer[]): Value[] {
  return bytes.map((one) => ({ className: type.className, bytes: one }));
}

describe(`values as Cassandra prints and validates them (CDC_SEED=${seed})`, () => {
  const check = async (values: readonly Value[]): Promise<void> => {
    expect(differences(values, await askValues('5.0.6', values)).join('\n')).to.equal('');
  };

  it('simple types: the extremes, and 500 random values each', async () => {
    for (const type of SIMPLE_TYPES) {
      if (!type.className.endsWith('EmptyType')) expect(type.extremes, type.className).to.have.length.greaterThan(4);
    }
    await check(SIMPLE_TYPES.flatMap((type) => valuesOf(type, [...type.extremes, ...sample(type.value, 500)])));
  });

  it('nested types: 1000 types, extremes and 10 random values each', async () => {
    await check(sample(anyType(3), 1000).flatMap((type) => valuesOf(type, [...type.extremes, ...sample(type.value, 10)])));
  });

  it('bytes that may not be values: 300 for each simple type, 30 for each of 600 nested ones', async () => {
    const simple = SIMPLE_TYPES.flatMap((type) => valuesOf(type, sample(damaged(type.value), 300)));
    const nested = sample(anyType(2), 600).flatMap((type) => valuesOf(type, sample(damaged(type.value), 30)));
    await check([...simple, ...nested]);
  });
});
