/** CQL identifiers as Cassandra writes them (ColumnIdentifier.maybeQuote). */
const UNQUOTED = /^[a-z][a-z0-9_]*$/;

/** Words that the grammar keeps for itself (reserved_keywords.txt). */
const RESERVED: ReadonlySet<string> = new Set((
  'add allow alter and apply asc authorize batch begin by columnfamily create delete desc describe drop entries execute from '
  + 'full grant if in index infinity insert into is keyspace limit materialized modify nan norecursive not null of on or order '
  + 'primary rename revoke schema select set table to token truncate unlogged update use using view where with'
).split(' '));

export function quoteIdentifier(name: string): string {
  return UNQUOTED.test(name) && !RESERVED.has(name) ? name : '"' + name.replaceAll('"', '""') + '"';
}
