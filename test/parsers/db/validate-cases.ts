/** Entries that decode and hold something which Cassandra's reader refuses, or lets pass where one would not expect it. */
import type { CellModel, ColumnModel, MutationModel, RowModel, SchemaModel, TableModel, TypeModel, UpdateModel } from '../../helpers/model.js';
import { encodeMutation } from '../../helpers/mutation-writer.js';
import { SegmentWriter } from '../../helpers/segment-writer.js';
import { COUNTER, list, map, SCALARS, set, userType } from '../../helpers/type-models.js';

export interface ValidateCase {
  readonly name: string;
  /** What the reader makes of the entry. */
  readonly accepted: boolean;
  /** What 4.0 and 4.1 make of it, where that is another thing: they know no invalid local deletion time. */
  readonly acceptedBy4?: boolean;
  /** Cells that Cassandra does not see, but the oracle makes it see, to show them. */
  readonly isHidden?: true;
  readonly mutation: MutationModel;
}

const TIMESTAMP = 1_795_360_528_000_000n;
const NOW = 1_795_360_528;
const DROPPED_AT = 1_795_360_529_000_000n;
const UTF8 = Buffer.of(0x61, 0xc3);
const scalar = (cql: string): TypeModel => SCALARS.find((type) => type.cql === cql)!;
const custom = (cql: string): TypeModel => ({ cql, fixedLength: -1, order: null, allowsEmpty: true, random: () => Buffer.alloc(0) });
const FIELDS = { keyspace: 'v', name: 'pair', fields: [{ name: 'a', type: scalar('smallint') }, { name: 'b', type: scalar('text') }] };

function column(name: string, type: TypeModel, kind: ColumnModel['kind'], droppedTime: bigint | null = null): ColumnModel {
  return { name, kind, position: kind === 'partition_key' || kind === 'clustering' ? 0 : -1, type, reversed: false, droppedTime, isDropped: droppedTime !== null };
}

const KEY = column('k', scalar('text'), 'partition_key');
const CK = column('c', scalar('text'), 'clustering');
const STATIC = column('st', scalar('text'), 'static');
const REGULARS = {
  composite: column('co', custom("'org.apache.cassandra.db.marshal.CompositeType(org.apache.cassandra.db.marshal.Int32Type)'"), 'regular'),
  date: column('da', scalar('date'), 'regular'),
  dropped: column('gone', scalar('text'), 'regular', DROPPED_AT),
  int: column('i', scalar('int'), 'regular'),
  small: column('sm', scalar('smallint'), 'regular'),
  text: column('t', scalar('text'), 'regular'),
  list: column('l', list(scalar('int'), false), 'regular'),
  map: column('m', map(scalar('text'), scalar('smallint'), false), 'regular'),
  set: column('s', set(scalar('smallint'), false), 'regular'),
  pair: column('u', userType(FIELDS, false), 'regular'),
};
const TABLE: TableModel = {
  keyspace: 'v', name: 't', id: '0a0b0c00-0000-1000-8000-00000000be0c', partitionKey: [KEY], clustering: [CK],
  statics: [STATIC], regulars: Object.values(REGULARS), isCounter: false,
};
const COUNT = column('n', COUNTER, 'regular');
const COUNTERS: TableModel = { ...TABLE, name: 'n', id: '0a0b0c01-0000-1000-8000-00000000be0c', statics: [], regulars: [COUNT], isCounter: true };

export const CASES_SCHEMA: SchemaModel = { keyspaces: ['v'], userTypes: [FIELDS], tables: [TABLE, COUNTERS] };

const CK_VALUE = Buffer.from('ck');
const cell = (value: Buffer, more: Partial<CellModel> = {}): CellModel => ({ kind: 'live', timestamp: TIMESTAMP, ttl: 0, localDeletionTime: 0, path: null, value, ...more });
const row = (data: ColumnModel, cells: readonly CellModel[], clustering: readonly Buffer[] = [CK_VALUE]): RowModel =>
  ({ item: 'row', clustering, liveness: null, deletion: null, isShadowable: false, columns: [{ column: data, deletion: null, cells }] });

function update(more: Partial<UpdateModel>): MutationModel {
  return { updates: [{ table: TABLE, key: Buffer.from('key'), deletion: null, staticRow: null, staticColumns: [], regularColumns: [], items: [], ...more }] };
}

function ofRow(name: string, accepted: boolean, data: ColumnModel, ...cells: CellModel[]): ValidateCase {
  return { name, accepted, mutation: update({ regularColumns: [data], items: [row(data, cells)] }) };
}

const { text, small, int, date } = REGULARS;
const DEAD = { kind: 'tombstone', localDeletionTime: NOW } as const;
const UUID1 = Buffer.from('13178e30e6a111f1b7261d7d6aa7441b', 'hex');
const UUID4 = Buffer.from('13178e30e6a141f1b7261d7d6aa7441b', 'hex');

export const VALIDATE_CASES: readonly ValidateCase[] = [
  ofRow('text that is UTF-8', true, text, cell(Buffer.from('ä'))),
  ofRow('text that is not', false, text, cell(UTF8)),
  ofRow('a smallint of two bytes', true, small, cell(Buffer.of(1, 2))),
  ofRow('a smallint of three', false, small, cell(Buffer.of(1, 2, 3))),
  ofRow('a smallint of none', false, small, cell(Buffer.alloc(0))),
  ofRow('an int of none', true, int, cell(Buffer.alloc(0))),
  ofRow('a date of none', false, date, cell(Buffer.alloc(0))),
  ofRow('a tombstone', true, text, cell(Buffer.alloc(0), DEAD)),
  ofRow('a tombstone with a value', false, text, cell(Buffer.from('x'), DEAD)),
  ofRow('an expiring cell', true, text, cell(Buffer.from('x'), { kind: 'expiring', ttl: 60, localDeletionTime: NOW })),
  { ...ofRow('an expiring cell that dies before its TTL can have begun', false, text, cell(Buffer.from('x'), { kind: 'expiring', ttl: NOW + 60, localDeletionTime: NOW })), acceptedBy4: true },
  ofRow('a value of a component that is cut short', false, REGULARS.composite, cell(Buffer.of(0, 4, 0, 0))),
  ofRow('a composite value', true, REGULARS.composite, cell(Buffer.of(0, 4, 0, 0, 0, 1, 0))),
  ofRow('elements of a set', true, REGULARS.set, cell(Buffer.alloc(0), { path: Buffer.of(0, 1) }), cell(Buffer.alloc(0), { ...DEAD, path: Buffer.of(0, 2) })),
  ofRow('an element of a set that is none', false, REGULARS.set, cell(Buffer.alloc(0), { path: Buffer.of(0, 1, 2) })),
  ofRow('a removed element of a set that is none', false, REGULARS.set, cell(Buffer.alloc(0), { ...DEAD, path: Buffer.of(1) })),
  ofRow('a list', true, REGULARS.list, cell(Buffer.of(0, 0, 0, 1), { path: UUID1 })),
  ofRow('a list whose path is a random UUID', false, REGULARS.list, cell(Buffer.of(0, 0, 0, 1), { path: UUID4 })),
  ofRow('a map', true, REGULARS.map, cell(Buffer.of(0, 1), { path: Buffer.from('a') })),
  ofRow('a map with a value that is none', false, REGULARS.map, cell(Buffer.of(0), { path: Buffer.from('a') })),
  ofRow('a map with a key that is none', false, REGULARS.map, cell(Buffer.of(0, 1), { path: UTF8 })),
  ofRow('a field of a user type', true, REGULARS.pair, cell(Buffer.of(0, 1), { path: Buffer.of(0, 0) })),
  ofRow('a field of a user type with a value that is none', false, REGULARS.pair, cell(Buffer.of(1), { path: Buffer.of(0, 0) })),
  ofRow('a field that the user type lacks', false, REGULARS.pair, cell(Buffer.of(0, 1), { path: Buffer.of(0, 7) })),
  ofRow('a removed field that the user type lacks', true, REGULARS.pair, cell(Buffer.alloc(0), { ...DEAD, path: Buffer.of(0, 7) })),
  ofRow('a field path of one byte', false, REGULARS.pair, cell(Buffer.of(0, 1), { path: Buffer.of(0) })),
  { ...ofRow('a wrong value in a column dropped since', true, REGULARS.dropped, cell(UTF8)), isHidden: true },
  ofRow('a wrong value in a dropped column, written later', false, REGULARS.dropped, cell(UTF8, { timestamp: DROPPED_AT + 1n })),
  { name: 'a wrong clustering value', accepted: false, mutation: update({ regularColumns: [text], items: [row(text, [cell(Buffer.from('x'))], [UTF8])] }) },
  { name: 'a wrong clustering value of a row that holds dropped cells only', accepted: true, isHidden: true, mutation: update({ regularColumns: [REGULARS.dropped], items: [row(REGULARS.dropped, [cell(UTF8)], [UTF8])] }) },
  { name: 'a wrong value in a static row', accepted: true, mutation: update({ staticColumns: [STATIC], staticRow: row(STATIC, [cell(UTF8)], []) }) },
  { name: 'a wrong partition key', accepted: true, mutation: update({ key: UTF8, deletion: { markedForDeleteAt: TIMESTAMP, localDeletionTime: NOW } }) },
  { name: 'a counter', accepted: true, mutation: update({ table: COUNTERS, regularColumns: [COUNT], items: [row(COUNT, [cell(Buffer.concat([Buffer.of(0, 1, 0, 0), Buffer.alloc(32, 1)]))])] }) },
  { name: 'a counter with half a shard', accepted: false, mutation: update({ table: COUNTERS, regularColumns: [COUNT], items: [row(COUNT, [cell(Buffer.concat([Buffer.of(0, 1, 0, 0), Buffer.alloc(16, 1)]))])] }) },
  { name: 'a wrong range bound', accepted: true, mutation: update({ items: (['INCL_START_BOUND', 'INCL_END_BOUND'] as const).map((kind) => {
    const deletion = { markedForDeleteAt: TIMESTAMP, localDeletionTime: NOW };
    return { item: 'marker', kind, values: [UTF8], close: kind === 'INCL_END_BOUND' ? deletion : null, open: kind === 'INCL_START_BOUND' ? deletion : null };
  }) }) },
];

/** One entry per case, in order. */
export function casesSegment(): SegmentWriter {
  const writer = new SegmentWriter({ version: 7, id: 1_795_360_528_000n });
  for (const { mutation } of VALIDATE_CASES) writer.append(encodeMutation(mutation, '5'));
  writer.close();
  return writer;
}
