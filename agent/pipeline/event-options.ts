/** The configuration's sections `tables` and `events`, as selection and serializer take them. */
import type { AgentConfig } from '../config/declaration.js';
import { maskOfColumn, matchesTable } from '../config/table-patterns.js';
import type { EventFeatures } from '../serializer/event-features.js';

/** Whether `keyspace.table` becomes events. */
export function tableSelectionOf({ include, exclude }: AgentConfig['tables']): (table: string) => boolean {
  return (table) => matchesTable({ include, exclude }, table);
}

export function eventFeaturesOf({ tables, events }: AgentConfig, onNotJson: EventFeatures['onNotJson']): EventFeatures {
  const headers = [...events.headers];
  const { timestamp } = events;
  return {
    maskOf: (table, column, isKey) => maskOfColumn(tables.columns, { table, column, isKey }),
    hashKey: tables.hash_key?.reveal(),
    fixedHeaders: headers.flatMap(([name, { text }]) => (text === undefined ? [] : [[name, text] as const])),
    columnHeaders: headers.flatMap(([name, { column }]) => (column === undefined ? [] : [[name, column] as const])),
    isJson: (table, column) => events.json_columns.get(table)?.includes(column) === true,
    onNotJson,
    timeColumnOf: (table) => (timestamp === 'writetime' ? undefined : timestamp.get(table)),
  };
}
