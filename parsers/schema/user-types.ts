/** User-defined types by keyspace, resolved when they are first asked for: they name each other in any order (Types.RawBuilder). */
import { type AbstractType, MarshalError } from '../marshal/abstract-type.js';
import { UserType } from '../marshal/tuple.js';
import { parseCqlType, type UserTypes } from './cql-type.js';
import { SchemaError, type SystemSchemaRow } from './system-schema-row.js';

export class UserTypeRegistry {
  readonly #rows = new Map<string, SystemSchemaRow>();
  readonly #types = new Map<string, UserType>();
  readonly #open = new Set<string>();

  /** Rows of system_schema.types. */
  constructor(rows: Iterable<SystemSchemaRow>) {
    for (const row of rows) this.#rows.set(keyOf(row.text('keyspace_name'), row.text('type_name')), row);
  }

  /** The types that columns of `keyspace` can name; CQL knows no types across keyspaces. */
  ofKeyspace(keyspace: string): UserTypes {
    return (name) => this.find(keyspace, name);
  }

  private find(keyspace: string, name: string): AbstractType | undefined {
    const key = keyOf(keyspace, name);
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    if (this.#open.has(key)) throw new SchemaError(row.place, 'the type contains itself', 'export system_schema.types again');
    this.#open.add(key);
    const type = this.build(keyspace, name, row);
    this.#open.delete(key);
    this.#types.set(key, type);
    return type;
  }

  private build(keyspace: string, name: string, row: SystemSchemaRow): UserType {
    const fieldNames = row.texts('field_names');
    const fieldTypes = row.texts('field_types');
    if (fieldNames.length !== fieldTypes.length) {
      throw new SchemaError(row.place, `${fieldNames.length} field_names but ${fieldTypes.length} field_types`, 'export system_schema.types again');
    }
    const types = fieldTypes.map((type, i) => parseTypeAt(`${row.place}.${fieldNames[i]}`, type, this.ofKeyspace(keyspace)));
    return new UserType({ keyspace, name, fieldNames, types, isMultiCell: true });
  }
}

/** The type of a column or field; a SchemaError that names its place when the text is no type. */
export function parseTypeAt(place: string, text: string, userTypes: UserTypes): AbstractType {
  try {
    return parseCqlType(text, userTypes);
  } catch (error) {
    if (!(error instanceof MarshalError)) throw error;
    throw new SchemaError(place, error.message, 'give the keyspace\'s rows of system_schema.types and the type as system_schema writes it', { cause: error });
  }
}

function keyOf(keyspace: string, name: string): string {
  return `${keyspace}\u0000${name}`;
}
