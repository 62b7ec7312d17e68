/**
 * The words for what the YAML parser refuses. Its own messages are not used: some repeat the text of the file, and
 * that text may be a password that begins with `*`, `&` or `!`.
 */
import type { ErrorCode } from 'yaml';
import type { Complaint } from './value-type.js';

const QUOTE = 'put the value in quotes';

const WORDS: { readonly [code in ErrorCode]?: Complaint } = {
  TAB_AS_INDENT: { message: 'a tab at the beginning of a line', fix: 'indent with spaces' },
  BAD_INDENT: { message: 'the indentation does not fit, or a [ or { before is not closed', fix: 'give the keys of one section the same number of spaces; close what was opened' },
  BAD_ALIAS: { message: '* begins an alias in YAML', fix: `${QUOTE}, as in "*.*"` },
  BAD_SCALAR_START: { message: 'a value can\'t begin with this character', fix: QUOTE },
  BAD_DQ_ESCAPE: { message: 'not an escape that double quotes know', fix: 'use single quotes, or double the backslash' },
  BAD_DIRECTIVE: { message: 'not a YAML directive', fix: 'remove the line, or put the value in quotes' },
  BLOCK_AS_IMPLICIT_KEY: { message: 'a second ": " in one line, or a line indented further than its neighbours', fix: `${QUOTE}, or bring the line back under its neighbours` },
  MULTILINE_IMPLICIT_KEY: { message: 'a key without a value', fix: 'put a colon and a space behind the key' },
  MISSING_CHAR: { message: 'a quote, bracket, comma or colon is missing', fix: 'close what was opened; put a space behind each colon' },
  UNEXPECTED_TOKEN: { message: 'this does not belong here', fix: 'look for a quote too many, a bracket too many, or a line indented wrongly' },
  KEY_OVER_1024_CHARS: { message: 'a key of more than 1024 characters', fix: 'look for a missing quote' },
  RESOURCE_EXHAUSTION: { message: 'too much nesting or too many aliases', fix: 'write it plainly' },
  TAG_RESOLVE_FAILED: { message: '! begins a tag in YAML', fix: QUOTE },
  MULTIPLE_ANCHORS: { message: '& begins an anchor in YAML', fix: QUOTE },
  MULTIPLE_TAGS: { message: '! begins a tag in YAML', fix: QUOTE },
};

export function yamlComplaint(code: ErrorCode): Complaint {
  return WORDS[code] ?? { message: 'not YAML', fix: 'look for a missing quote, bracket or space behind a colon' };
}

/** `{` right behind a character, inside [ ] or { }: a reference or a template that is not quoted. */
export function unquotedBraces(text: string, offset: number): Complaint | undefined {
  // The error stands at the brace, or one further for lists.
  const brace = text[offset] === '{' ? offset : text[offset - 1] === '{' ? offset - 1 : -1;
  if (brace < 1 || /[\s[{,:]/.test(text[brace - 1])) return undefined;
  const reference = /^\$\{(?:credential|file|env):[^{}"'\n]*\}/.exec(text.slice(brace - 1));
  if (text[brace - 1] === '$') return { message: 'a ${...} inside [ ] or { } must stand in quotes', fix: `write "${reference?.[0] ?? '${credential:NAME}'}"` };
  return { message: 'text with { } inside [ ] or { } must stand in quotes', fix: QUOTE };
}
