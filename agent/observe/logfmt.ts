/**
 * logfmt: `key=value key="value with spaces"`, one line whatever the value holds.
 *
 *   <value> is bare when it has no space, quote, '=', backslash or control character and is not empty, else quoted
 *   <quoted> escapes \" \\ \n \r \t, and other control characters as \u00xx: a value can't end the line, nor drive a terminal
 */

// Control characters (C0, C1, DEL), line separators, and marks that turn the direction of text.
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const UNSAFE_ALL = new RegExp(UNSAFE, 'gu');
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export function logfmtValue(text: string): string {
  return text !== '' && !/[\s"=\\]/.test(text) && !UNSAFE.test(text) ? text : `"${text.replace(/[\\"]/g, '\\$&').replace(UNSAFE_ALL, escape)}"`;
}

/** Keys are ours: letters, digits, `_` and `.`; anything else becomes `_`. */
export function logfmtKey(key: string): string {
  return key.replace(/[^\w.]/g, '_');
}

/** Bare text on a log line. */
export function safeText(text: string): string {
  return text.replace(UNSAFE_ALL, escape);
}

function escape(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
