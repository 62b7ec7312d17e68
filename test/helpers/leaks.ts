/** Finds secrets in texts, also encoded. */

/** As it is, and as bytes are commonly written. */
export function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Inside of a longer text, base64 depends on where it begins: what is the same in each case.
  const shifted = [0, 1, 2].map((shift) => Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').slice(shift === 0 ? 0 : 4, Math.floor(((shift + bytes.length) * 8) / 6)));
  return [...new Set([secret, ...shifted, ...shifted.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')), bytes.toString('hex'), encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])];
}

/** Names of the secrets that are in the text. */
export function leaksIn(text: string, secrets: Readonly<Record<string, string>>): string[] {
  const lower = text.toLowerCase();
  return Object.entries(secrets).filter(([, secret]) => formsOf(secret).some((form) => text.includes(form) || lower.includes(form.toLowerCase()))).map(([name]) => name);
}
