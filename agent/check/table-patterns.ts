/** `tables.include` and `tables.exclude`: * stands for any characters, ? for one, within a name. */
export function matchesTable({ include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] }, table: string): boolean {
  return include.some((pattern) => matches(pattern, table)) && !exclude.some((pattern) => matches(pattern, table));
}

function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.*?]/g, (one) => (one === '.' ? '\\.' : one === '*' ? '[^.]*' : '[^.]'));
  return new RegExp(`^${source}$`).test(text);
}
