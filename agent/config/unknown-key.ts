/** Words for a key that the declaration does not know. */
import { DECLARATION } from './declaration.js';
import type { AnyNode, AnySection } from './declare.js';
import { nearest } from './nearest.js';
import { keyText } from './problem.js';

export interface UnknownKey {
  readonly message: string;
  readonly fix: string;
  /** What of the key may be shown: nothing behind a colon, that may be a value. */
  readonly shown: string;
  /** The key of this section that was probably meant. */
  readonly meant: string | undefined;
}

export function unknownKey(key: string, path: readonly string[], section: AnySection): UnknownKey {
  const known = Object.keys(section.members);
  const [shown] = key.split(/[:\s=]/, 1);
  if (shown !== key) {
    const meant = nearest(shown, known);
    return { message: 'is not a key', fix: `put a colon and a space between the key and its value: ${meant ?? shown}: ...`, shown, meant };
  }
  const message = 'unknown key';
  const meant = nearest(key, known);
  if (meant !== undefined && editsOnly(key, meant)) return { message, fix: `write ${meant}`, shown, meant };
  const elsewhere = places(key).find((place) => place !== keyText([...path, key]));
  if (elsewhere !== undefined) return { message, fix: `move it to ${elsewhere}`, shown, meant };
  if (meant !== undefined) return { message, fix: `write ${meant}`, shown, meant };
  const far = nearest(key, index().keys());
  return { message, fix: far === undefined ? `remove it; keys here are ${known.join(', ')}` : `write ${places(far)[0]}, or remove it`, shown, meant };
}

/** A word that exists elsewhere as it is was hardly misspelt here. */
function editsOnly(key: string, meant: string): boolean {
  return places(key).length === 0 || key === meant;
}

function places(key: string): readonly string[] {
  return index().get(key) ?? [];
}

let cached: ReadonlyMap<string, readonly string[]> | undefined;

/** Last part of each key -> dotted paths that end in it. */
function index(): ReadonlyMap<string, readonly string[]> {
  if (cached !== undefined) return cached;
  const found = new Map<string, string[]>();
  const visit = (node: AnyNode, path: readonly string[]): void => {
    const name = path.at(-1);
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), keyText(path)]);
    if (node.kind === 'section') for (const [key, member] of Object.entries(node.members)) visit(member, [...path, key]);
  };
  visit(DECLARATION, []);
  return (cached = found);
}
