/** A small segment whose content is known by heart: a table of orders, written to in every way. */
import { Schema, type SchemaView } from '../../../parsers/index.js';
import type { CellModel, ColumnDataModel, ColumnModel, DeletionModel, MarkerModel, RowModel, SchemaModel, TableModel, TypeModel, UpdateModel } from '../../helpers/model.js';
import { encodeMutation } from '../../helpers/mutation-writer.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { SegmentWriter, type SegmentOptions } from '../../helpers/segment-writer.js';
import { map, SCALARS, set, userType } from '../../helpers/type-models.js';

/** 2026-11-22 15:15:28.612Z. */
export const SEGMENT_ID = 1_795_360_528_612n;
const TIMESTAMP = 1_795_360_528_612_000n;
const NOW = 1_795_360_528;

const scalar = (cql: string): TypeModel => SCALARS.find((type) => type.cql === cql)!;
const ADDRESS = { keyspace: 'shop', name: 'address', fields: [{ name: 'street', type: scalar('text') }, { name: 'zip', type: scalar('int') }] };

function column(name: string, type: TypeModel, kind: ColumnModel['kind'], more: Partial<ColumnModel> = {}): ColumnModel {
  return { name, kind, position: kind === 'partition_key' || kind === 'clustering' ? 0 : -1, type, reversed: false, droppedTime: null, isDropped: false, ...more };
}

const customer = column('customer', scalar('int'), 'partition_key');
const id = column('id', scalar('int'), 'clustering');
const limit = column('limit', scalar('int'), 'static');
const note = column('note', scalar('text'), 'regular', { droppedTime: TIMESTAMP + 500n, isDropped: true });
const status = column('status', scalar('text'), 'regular');
const address = column('address', userType(ADDRESS, false), 'regular');
const stock = column('stock', map(scalar('text'), scalar('int'), false), 'regular');
const tags = column('tags', set(scalar('text'), false), 'regular');
const ORDERS: TableModel = { keyspace: 'shop', name: 'orders', id: '5be4c000-0000-1000-8000-00000000be0c', partitionKey: [customer], clustering: [id], statics: [limit], regulars: [note, status, address, stock, tags], isCounter: false };
/** In no schema that is given. */
const OTHER: TableModel = { ...ORDERS, name: 'other', id: '5be4c001-0000-1000-8000-00000000be0c' };

export const SHOP: SchemaModel = { keyspaces: ['shop'], userTypes: [ADDRESS], tables: [ORDERS] };

export function shopSchema(): SchemaView {
  return new Schema(tablesOf(SHOP));
}

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const deletion = (after: bigint): DeletionModel => ({ markedForDeleteAt: TIMESTAMP + after, localDeletionTime: NOW });
const cell = (value: Buffer | string, more: Partial<CellModel> = {}): CellModel => ({ kind: 'live', timestamp: TIMESTAMP, ttl: 0, localDeletionTime: 0, path: null, value: Buffer.from(value), ...more });
const dead = (more: Partial<CellModel> = {}): CellModel => cell('', { kind: 'tombstone', localDeletionTime: NOW, ...more });
const data = (of: ColumnModel, ...cells: CellModel[]): ColumnDataModel => ({ column: of, deletion: null, cells });
const row = (order: number | null, columns: ColumnDataModel[], more: Partial<RowModel> = {}): RowModel => ({ item: 'row', clustering: order === null ? [] : [int(order)], liveness: null, deletion: null, isShadowable: false, columns, ...more });
const bound = (kind: MarkerModel['kind'], order: number, ends: Partial<MarkerModel>): MarkerModel => ({ item: 'marker', kind, values: [int(order)], close: null, open: null, ...ends });

function update(more: Partial<UpdateModel>): UpdateModel {
  const names = new Set((more.items ?? []).flatMap((item) => (item.item === 'row' ? item.columns : [])).map(({ column: of }) => of.name));
  const regularColumns = ORDERS.regulars.filter(({ name }) => names.has(name));
  return { table: ORDERS, key: int(42), deletion: null, staticRow: null, staticColumns: [], regularColumns, items: [], ...more };
}

const UPDATES: readonly UpdateModel[] = [
  update({ items: [row(7, [
    data(status, cell('paid')),
    data(address, cell('Elm', { path: Buffer.of(0, 0) }), cell(int(8000), { path: Buffer.of(0, 1) })),
    { column: stock, deletion: deletion(-1n), cells: [cell(int(3), { path: Buffer.from('a b') })] },
    data(tags, cell('', { path: Buffer.from('vip') }), dead({ path: Buffer.from('new') })),
  ], { liveness: { timestamp: TIMESTAMP, ttl: 0, localExpirationTime: 0 } })] }),
  update({ items: [row(8, [data(note, cell('gone')), data(status, cell('open', { kind: 'expiring', ttl: 60, localDeletionTime: NOW + 60, timestamp: TIMESTAMP + 1000n }))])] }),
  update({ staticColumns: [limit], staticRow: row(null, [data(limit, cell(int(100)))]), items: [row(9, [data(status, dead())])] }),
  update({ items: [row(9, [], { deletion: deletion(2000n) })] }),
  update({ items: [
    bound('INCL_START_BOUND', 1, { open: deletion(3000n) }),
    bound('EXCL_END_INCL_START_BOUNDARY', 5, { close: deletion(3000n), open: deletion(4000n) }),
    bound('INCL_END_BOUND', 6, { close: deletion(4000n) }),
  ] }),
  update({ deletion: deletion(5000n) }),
  update({ items: [row(10, [data(note, cell('only this'))])] }),
];

export function shopSegment(options: Partial<SegmentOptions> = {}): SegmentWriter {
  const writer = new SegmentWriter({ version: 7, id: SEGMENT_ID, ...options });
  UPDATES.forEach((each, i) => {
    writer.append(encodeMutation({ updates: [each] }, '5'));
    if (i === 2) writer.sync();
  });
  writer.append(encodeMutation({ updates: [UPDATES[0], { ...UPDATES[3], table: OTHER }] }, '5'));
  writer.append(encodeMutation({ updates: [{ ...UPDATES[5], table: OTHER }, UPDATES[0]] }, '5'));
  writer.close();
  return writer;
}
