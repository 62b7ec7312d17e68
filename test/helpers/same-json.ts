/**
 * Whether our JSON text is Cassandra's. Text for text, with two exceptions where floats stand: Java before 19 prints some
 * with more digits than they need, and Cassandra prints NaN and infinities as null where we have strings.
 */
const FLOAT = /-?\d+\.\d+(?:E-?\d+)?/g;
/** Escaped once more for every map that it is in the key of. */
const NOT_A_NUMBER = /(\\*)"(?:NaN|-?Infinity)\1"(:?)/g;

/** `className` tells whether there are floats; elsewhere the texts must be equal. */
export function isSameJson(className: string, ours: string, cassandras: string): boolean {
  if (ours === cassandras) return true;
  const hasFloats = className.includes('FloatType');
  if (!hasFloats && !className.includes('DoubleType')) return false;
  const text = ours.replace(NOT_A_NUMBER, (_, escapes: string, colon: string) => (colon === ':' ? `${escapes}"null${escapes}":` : 'null'));
  const [a, b] = [text.match(FLOAT) ?? [], cassandras.match(FLOAT) ?? []];
  if (text.replace(FLOAT, '#') !== cassandras.replace(FLOAT, '#') || a.length !== b.length) return false;
  return a.every((digits, i) => isSameFloat(digits, b[i], hasFloats));
}

/** Ours never has more digits than Java's, and stands in the same notation. */
function isSameFloat(ours: string, javas: string, isFloat: boolean): boolean {
  if (ours === javas) return true;
  if (ours.length > javas.length || ours.includes('E') !== javas.includes('E')) return false;
  return Number(ours) === Number(javas) || (isFloat && Math.fround(Number(ours)) === Math.fround(Number(javas)));
}
