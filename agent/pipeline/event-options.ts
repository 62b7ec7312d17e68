/** The configuration's sections `tables` and `events`, as selection and serializer take them. */
import type { AgentConfig } from '../config/declaration.js';
import { matchesColumn, matchesPattern, matchesTable } from '../config/table-patterns.js';
import type { EventFeatures } from '../serializer/event-features.js';

/** Whether `keyspace.table` becomes events. */
export function tableSelectionOf({ include, exclude }: AgentConfig['tables']): (table: string) => boolean {
  return (table) => matchesTable({ include, exclude }, table);
}

export function eventFeaturesOf({ tables, events }: AgentConfig, onNotJson: EventFeatures['onNotJson']): EventFeatures {
  const headers = [...events.headers];
  const { timestamp } = events;
  return {
    maskOf: (table, column) => maskOf(tables.columns, table, column),
    hashKey: tables.hash_key?.reveal(),
    fixedHeaders: headers.flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text] as const])),
    columnHeaders: headers.flatMap(([name, { column }]) => (column === undefined ? [] : [[name, column] as const])),
    isJson: (table, column) => events.json_columns.get(table)?.includes(column) === true,
    onNotJson,
    timeColumnOf: (table) => (timestamp === 'writetime' ? undefined : timestamp.get(table)),
  };
}

/** Every pattern that fits the table counts; what any of them leaves out is out. */
function maskOf(columns: AgentConfig['tables']['columns'], table: string, column: string): 'show' | 'drop' | 'hash' {
  let mask: 'show' | 'drop' | 'hash' = 'show';
  for (const [pattern, { include, exclude, hash }] of columns) {
    if (!matchesPattern(pattern, table)) continue;
    const fits = (patterns: readonly string[]): boolean => patterns.some((one) => matchesColumn(one, column));
    if (!fits(include) || fits(exclude)) return 'drop';
    if (fits(hash)) mask = 'hash';
  }
  return mask;
}
