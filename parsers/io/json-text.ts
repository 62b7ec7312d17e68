/**
 * JSON strings, escaped as Cassandra does (JsonUtils.quoteAsJsonString, that is Jackson's JsonStringEncoder): quotation
 * mark, backslash and control characters below 0x20, the latter as \b \t \n \f \r or \u00XX with upper-case digits.
 * Everything else stands as it is.
 */

// eslint-disable-next-line no-control-regex
const SPECIAL = /["\\\u0000-\u001f]/;
// eslint-disable-next-line no-control-regex
const SPECIALS = /["\\\u0000-\u001f]/g;

/** Longest text that is looked at byte by byte before it is decoded. */
const SHORT = 64;

const ESCAPES: readonly string[] = Array.from({ length: 0x20 }, (_, code) => {
  const short = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r' }[code];
  return short ?? '\\u00' + code.toString(16).toUpperCase().padStart(2, '0');
});

/** `text` without the surrounding quotation marks, escaped. */
export function escapeJson(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, escapeCharacter) : text;
}

/** `text` as a JSON string. */
export function quoteJson(text: string): string {
  return '"' + escapeJson(text) + '"';
}

/** UTF-8 bytes as a JSON string; sequences that are not UTF-8 become U+FFFD. */
export function quoteUtf8(bytes: Buffer, start: number, end: number): string {
  if (end - start <= SHORT && isPlainAscii(bytes, start, end)) return '"' + bytes.latin1Slice(start, end) + '"';
  return quoteJson(bytes.utf8Slice(start, end));
}

function escapeCharacter(character: string): string {
  if (character === '"') return '\\"';
  if (character === '\\') return '\\\\';
  return ESCAPES[character.charCodeAt(0)];
}

/** Printable ASCII that needs no escape. */
function isPlainAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte < 0x20 || byte > 0x7f || byte === 0x22 || byte === 0x5c) return false;
  }
  return true;
}
