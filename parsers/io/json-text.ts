/**
 * JSON strings, escaped as Cassandra does (JsonUtils.quoteAsJsonString, that is Jackson's JsonStringEncoder): quotation
 * mark, backslash and control characters below 0x20, the latter as \b \t \n \f \r or \u00XX with upper-case digits.
 * Everything else stands as it is.
 */

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const SPECIAL = /["\\\u0000-\u001f]/;
/** Control characters whose number has letters: JSON.stringify writes those in lower case. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const LETTERED = /[\u000b\u000e\u000f\u001a-\u001f]/;
/** An escape of JSON, whole, so that an escaped backslash before a u isn't taken for one. */
const ESCAPE = /\\(?:u[0-9a-f]{4}|.)/g;

/** Longest text that is looked at byte by byte before it is decoded. */
const SHORT = 64;

/** `text` as a JSON string. */
export function quoteJson(text: string): string {
  if (!SPECIAL.test(text)) return '"' + text + '"';
  if (!LETTERED.test(text)) return JSON.stringify(text);
  return JSON.stringify(text).replace(ESCAPE, (escape) => (escape.length === 2 ? escape : '\\u' + escape.slice(2).toUpperCase()));
}

/** UTF-8 bytes as a JSON string; sequences that are not UTF-8 become U+FFFD. */
export function quoteUtf8(bytes: Buffer, start: number, end: number): string {
  if (end - start <= SHORT && isPlainAscii(bytes, start, end)) return '"' + bytes.latin1Slice(start, end) + '"';
  return quoteJson(bytes.utf8Slice(start, end));
}

/** Printable ASCII that needs no escape. */
function isPlainAscii(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte < 0x20 || byte > 0x7f || byte === 0x22 || byte === 0x5c) return false;
  }
  return true;
}
