/** What the configuration says of columns, beside the columns that there are: a name that fits none hides nothing. */
import { maskOfColumn, matchesColumn, matchesPattern } from '../../config/table-patterns.js';
import { RECORD_TIMES } from '../../config/record-time.js';
import type { ColumnMetadata, TableMetadata } from '../../../parsers/index.js';
import type { Facts } from '../facts.js';
import { fail, ok, warn, type Finding } from '../finding.js';

const WILD = /[*?]/;
const TEXT: ReadonlySet<string> = new Set(['text', 'ascii']);
const EFFECT = { include: 'nothing is published by that', exclude: 'nothing is left out by that', hash: 'nothing is hashed by that' } as const;

export async function checkColumns(facts: Facts): Promise<Finding[]> {
  const { value } = await facts.tables();
  const { tables, events } = facts.config;
  const isSilent = tables.columns.size === 0 && events.json_columns.size === 0 && events.headers.size === 0 && events.timestamp === 'writetime';
  if (value === undefined || value.wanted.length === 0 || isSilent) return [];
  const findings = [...ruleFindings(facts, value.wanted), ...timeFindings(facts, value.wanted), ...jsonFindings(facts, value.wanted), ...headerFindings(facts, value.wanted)];
  return findings.length > 0 ? findings : [ok('columns', 'what the configuration says of columns fits the tables')];
}

function ruleFindings({ config }: Facts, wanted: readonly TableMetadata[]): Finding[] {
  return [...config.tables.columns].flatMap(([pattern, rule]) => {
    const key = `tables.columns."${pattern}"`;
    const tables = wanted.filter((table) => matchesPattern(pattern, nameOf(table)));
    if (tables.length === 0) return [warn('columns', `${key} fits no table that is published: nothing is left out or hashed by it`, { fix: 'correct the name of the table' })];
    const unknown = (['include', 'exclude', 'hash'] as const).flatMap((part) => rule[part].filter((name) => !WILD.test(name) && !tables.some((table) => columnOf(table, name) !== undefined)).map((name) =>
      warn('columns', `${key}.${part} names ${name}, a column that ${tables.length === 1 ? nameOf(tables[0]) : 'none of its tables'} does not have: ${EFFECT[part]}`, { fix: 'correct the name of the column' })));
    return [...unknown, ...rule.exclude.flatMap((name) => keyFindings(`${key}.exclude`, name, tables))];
  });
}

/** `*` leaves all out but the key, and means it. */
function keyFindings(key: string, pattern: string, tables: readonly TableMetadata[]): Finding[] {
  return tables.flatMap((table) => keysOf(table).filter(({ name }) => matchesColumn(pattern, name)).flatMap(({ name }) => {
    if (!WILD.test(pattern)) return [fail('columns', `${key} names ${name}, a primary key column of ${nameOf(table)}: it can't be left out, it stands in the key of every event`, { fix: 'take it out of exclude; under hash its values are hidden' })];
    return pattern === '*' ? [] : [warn('columns', `${key} has "${pattern}", which fits ${name} too, a primary key column of ${nameOf(table)}: that one stays`, { fix: 'put it under hash to hide its values' })];
  }));
}

function timeFindings({ config }: Facts, wanted: readonly TableMetadata[]): Finding[] {
  const { timestamp } = config.events;
  if (timestamp === 'writetime') return [];
  return [...timestamp].flatMap(([name, column]): Finding[] => {
    const found = lookUp({ name, column, key: 'events.timestamp', check: 'record_time' }, wanted);
    if (!('column' in found)) return [found];
    const { type, kind } = found.column;
    const problem = (message: string, fix: string): Finding[] => [fail('record_time', `${column} of ${name} ${message}: records would have the write time`, { fix })];
    if (!RECORD_TIMES.has(type.cqlName)) return problem(`is of the type ${type.cqlName}, which is no time`, `name a column of the type ${[...RECORD_TIMES.keys()].join(', ')} (bigint: milliseconds since 1970) in events.timestamp`);
    const mask = maskOfColumn(config.tables.columns, { table: name, column, isKey: isKeyKind(kind) });
    return mask === 'show' ? [] : problem(`is ${mask === 'hash' ? 'hashed' : 'left out'} by tables.columns, and is not told by a timestamp either`, 'take it out of tables.columns or events.timestamp');
  });
}

function jsonFindings({ config }: Facts, wanted: readonly TableMetadata[]): Finding[] {
  return [...config.events.json_columns].flatMap(([name, columns]) => columns.flatMap((column): Finding[] => {
    const found = lookUp({ name, column, key: 'events.json_columns', check: 'json_columns' }, wanted);
    if (!('column' in found)) return [found];
    const { type, kind } = found.column;
    const fix = 'take it out of events.json_columns';
    if (!TEXT.has(type.cqlName)) return [fail('json_columns', `${column} of ${name} is of the type ${type.cqlName}: only text can hold JSON`, { fix })];
    return isKeyKind(kind) ? [fail('json_columns', `${column} of ${name} is a primary key column, which stays text: formatting must not change a key`, { fix })] : [];
  }));
}

function headerFindings({ config }: Facts, wanted: readonly TableMetadata[]): Finding[] {
  return [...config.events.headers].flatMap(([header, { column: name }]) => {
    const isShown = name === undefined || wanted.some((table) => {
      const column = columnOf(table, name);
      return column !== undefined && maskOfColumn(config.tables.columns, { table: nameOf(table), column: name, isKey: isKeyKind(column.kind) }) !== 'drop';
    });
    return isShown ? [] : [warn('headers', `events.headers.${header} takes the column ${name}, which no published table has or shows: no event will carry it`, { fix: 'correct the name of the column, or remove the header' })];
  });
}

function lookUp({ name, column, key, check }: { readonly name: string; readonly column: string; readonly key: string; readonly check: string }, wanted: readonly TableMetadata[]): Finding | { readonly column: ColumnMetadata } {
  const table = wanted.find((one) => nameOf(one) === name);
  if (table === undefined) return warn(check, `${key} names ${name}, which is not published`, { fix: 'correct the name of the table, or remove it' });
  const found = columnOf(table, column);
  return found === undefined ? fail(check, `${key} names ${column}, a column that ${name} does not have`, { fix: 'correct the name of the column' }) : { column: found };
}

function nameOf({ keyspace, name }: TableMetadata): string {
  return `${keyspace}.${name}`;
}

function keysOf({ partitionKey, clustering }: TableMetadata): readonly ColumnMetadata[] {
  return [...partitionKey, ...clustering];
}

function isKeyKind(kind: ColumnMetadata['kind']): boolean {
  return kind === 'partition_key' || kind === 'clustering';
}

function columnOf(table: TableMetadata, name: string): ColumnMetadata | undefined {
  return [...keysOf(table), ...table.statics, ...table.regulars].find((column) => column.name === name);
}
