/** Patterns of tables and columns: * stands for any characters, ? for one, within a name. */

/** `tables.include` and `tables.exclude`; `table` as `keyspace.table`. */
export function matchesTable({ include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] }, table: string): boolean {
  return include.some((pattern) => matchesPattern(pattern, table)) && !exclude.some((pattern) => matchesPattern(pattern, table));
}

/** Of a table, each part of its own. */
export function matchesPattern(pattern: string, text: string): boolean {
  return new RegExp(`^${source(pattern, '[^.]')}$`).test(text);
}

/** Of a column, whose name may hold anything. */
export function matchesColumn(pattern: string, name: string): boolean {
  return new RegExp(`^${source(pattern, '[^]')}$`).test(name);
}

function source(pattern: string, any: string): string {
  return pattern.replace(/[\\^$.*+?()[\]{}|]/g, (one) => (one === '*' ? `${any}*` : one === '?' ? any : `\\${one}`));
}
