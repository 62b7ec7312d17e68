/** Patterns of tables and columns: * stands for any characters, ? for one, within a name. */

/** `tables.include` and `tables.exclude`; `table` as `keyspace.table`. */
export function matchesTable({ include, exclude }: { readonly include: readonly string[]; readonly exclude: readonly string[] }, table: string): boolean {
  return include.some((pattern) => matchesPattern(pattern, table)) && !exclude.some((pattern) => matchesPattern(pattern, table));
}

/** Of a table, each part of its own. */
export function matchesPattern(pattern: string, text: string): boolean {
  return new RegExp(`^${source(pattern, '[^.]')}$`).test(text);
}

export type ColumnMask = 'show' | 'drop' | 'hash';

/** `tables.columns`. */
export type ColumnRules = ReadonlyMap<string, { readonly include: readonly string[]; readonly exclude: readonly string[]; readonly hash: readonly string[] }>;

/** Every pattern that fits the table counts; what any of them leaves out is out. A key column can't be: only its hash counts. */
export function maskOfColumn(rules: ColumnRules, { table, column, isKey }: { readonly table: string; readonly column: string; readonly isKey: boolean }): ColumnMask {
  let mask: ColumnMask = 'show';
  for (const [pattern, { include, exclude, hash }] of rules) {
    if (!matchesPattern(pattern, table)) continue;
    const fits = (patterns: readonly string[]): boolean => patterns.some((one) => matchesColumn(one, column));
    if (!isKey && (!fits(include) || fits(exclude))) return 'drop';
    if (fits(hash)) mask = 'hash';
  }
  return mask;
}

/** Of a column, whose name may hold anything. */
export function matchesColumn(pattern: string, name: string): boolean {
  return new RegExp(`^${source(pattern, '[^]')}$`).test(name);
}

function source(pattern: string, any: string): string {
  return pattern.replace(/[\\^$.*+?()[\]{}|]/g, (one) => (one === '*' ? `${any}*` : one === '?' ? any : `\\${one}`));
}
