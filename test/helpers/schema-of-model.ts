/** A schema model as the parser's tables, by way of the system_schema rows that a person would export. */
import { schemaFromRows } from '../../parsers/schema/from-system-schema.js';
import type { TableMetadata } from '../../parsers/index.js';
import type { SchemaModel } from './model.js';
import { schemaRows } from './schema-rows.js';

export function tablesOf(schema: SchemaModel): TableMetadata[] {
  return schemaFromRows({ ...schemaRows(schema) });
}
