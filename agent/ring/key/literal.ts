/**
 * A value as a person writes it, in CQL or in JSON: one grammar takes both.
 *
 *   <literal> is <string> | <word> | [<literal>, …] | (<literal>, …) | {<literal>, …} | {<literal>: <literal>, …}
 *   <string>  is 'CQL, with '' for a quotation mark' or "JSON, with its escapes"
 *   <word>    is anything else up to a space, comma, colon (a UUID, a number, 0x…, true) or closing bracket
 */
export type Literal =
  /** `isQuoted`: it was a string. */
  | { readonly kind: 'text'; readonly text: string; readonly isQuoted: boolean }
  | { readonly kind: 'list' | 'set'; readonly items: readonly Literal[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Literal, Literal])[] };

/** What was written is no literal, or none of its type. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

const MAX_DEPTH = 32;
const JSON_STRING = /"(?:[^"\\]|\\.)*"/sy;
const CQL_STRING = /'(?:[^']|'')*'/sy;
const WORD = /[^\s,:[\](){}'"]+/y;

/** Throws KeyError. */
export function parseLiteral(text: string): Literal {
  const parser = new LiteralParser(text);
  const literal = parser.literal(0);
  parser.checkEnd();
  return literal;
}

class LiteralParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  literal(depth: number): Literal {
    if (depth > MAX_DEPTH) throw new KeyError(`it is nested more than ${MAX_DEPTH} deep`);
    this.#skipSpace();
    switch (this.#text[this.#at]) {
      case '[': return { kind: 'list', items: this.#items(']', depth) };
      case '(': return { kind: 'list', items: this.#items(')', depth) };
      case '{': return this.#braces(depth);
      case '"': return { kind: 'text', text: jsonString(this.#match(JSON_STRING, 'a string without its end')), isQuoted: true };
      case '\'': return { kind: 'text', text: this.#match(CQL_STRING, 'a string without its end').slice(1, -1).replaceAll('\'\'', '\''), isQuoted: true };
      default: return { kind: 'text', text: this.#match(WORD, 'a value is missing'), isQuoted: false };
    }
  }

  checkEnd(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#error('something stands behind the value');
  }

  #items(close: string, depth: number): Literal[] {
    this.#at++;
    const items: Literal[] = [];
    while (!this.#isNext(close)) {
      if (items.length > 0) this.#expect(',');
      items.push(this.literal(depth + 1));
    }
    return items;
  }

  #braces(depth: number): Literal {
    this.#at++;
    const items: Literal[] = [];
    const entries: (readonly [Literal, Literal])[] = [];
    while (!this.#isNext('}')) {
      if (items.length + entries.length > 0) this.#expect(',');
      const item = this.literal(depth + 1);
      if (items.length === 0 && this.#isNext(':')) entries.push([item, this.literal(depth + 1)]);
      else if (entries.length === 0) items.push(item);
      else throw this.#error('a colon is missing');
    }
    return entries.length > 0 ? { kind: 'map', entries } : { kind: 'set', items };
  }

  /** Takes it when it is next. */
  #isNext(symbol: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== symbol) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#isNext(symbol)) throw this.#error(`${symbol} is missing`);
  }

  #match(pattern: RegExp, problem: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#error(problem);
    this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #error(problem: string): KeyError {
    return new KeyError(`${problem} at character ${this.#at + 1} of ${this.#text}`);
  }
}

function jsonString(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw new KeyError(`${text} is no JSON string`);
  }
}
