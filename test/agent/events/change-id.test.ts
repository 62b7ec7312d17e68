/** `cdc.id` is frozen: golden vectors, and what must and must not change it. */
import { readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import { schemaFromRows, type SystemSchemaRows } from '../../../parsers/schema/from-system-schema.js';
import { changesOf } from '../../helpers/change-reference.js';
import { encodeMutation } from '../../helpers/mutation-writer.js';
import type { RawUpdate } from '../../helpers/raw-contract.js';
import { projectRoot } from '../../helpers/project-root.js';
import { tablesOf } from '../../helpers/schema-of-model.js';
import { collect } from './collect.js';
import { TS, column, data, inserted, int, live, mutation, row, scalar, table, text, update } from './log.js';

interface Vectors {
  readonly schema: SystemSchemaRows;
  readonly vectors: readonly {
    readonly name: string;
    readonly version: number;
    readonly mutation: string;
    readonly updates: readonly RawUpdate[];
    readonly changes: readonly { readonly op: string; readonly scope: string; readonly canonical: string; readonly id: string }[];
  }[];
}

const FILE = join(projectRoot, 'test/fixtures/cdc-id-vectors.json');
/** Of the file as it was frozen: to add vectors is to change this, to change one is not allowed. */
const FROZEN = 'f68547fec22c97a9332905ae0e26b6db93f5117bd8b4bf785dd67019c37105ba';

describe('cdc.id', () => {
  const content = readFileSync(FILE);
  const { schema, vectors } = JSON.parse(content.toString()) as Vectors;
  const tables = schemaFromRows(schema);

  it('the vectors are those of the first release', () => {
    expect(createHash('sha256').update(JSON.stringify(vectors.slice(0, 16))).digest('hex')).to.equal(FROZEN);
  });

  for (const { name, version, mutation: hex, updates, changes } of vectors) {
    it(`${name}: vector, reference and agent agree`, () => {
      const { events } = collect(tables, [Buffer.from(hex, 'hex')], { version });
      expect(events.map(({ op, scope, id }) => ({ op, scope, id }))).to.deep.equal(changes.map(({ op, scope, id }) => ({ op, scope, id })));
      expect(changesOf(updates).map(({ canonical, id }) => ({ canonical, id }))).to.deep.equal(changes.map(({ canonical, id }) => ({ canonical, id })));
      for (const { canonical, id } of changes) expect(createHash('sha256').update(Buffer.from(canonical, 'hex')).digest('hex').slice(0, 32)).to.equal(id);
    });
  }

  describe('of one row', () => {
    const notes = table({ name: 'notes', key: [column('k', scalar('int'))], regulars: [column('a', scalar('int')), column('b', scalar('text'))] });
    const notesTables = tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [notes] });
    const rows = row([], [data(notes, 'a', [live(int(1))]), data(notes, 'b', [live(text('x'))])], inserted);
    const idOf = (bytes: Buffer, version = 7): string => collect(notesTables, [bytes], { version }).events[0].id;
    const base = idOf(mutation(update(notes, [int(1)], { items: [rows] })));

    it('is the same in every commit-log version and whatever the bytes around the cells', () => {
      const other = update(notes, [int(1)], { items: [rows], stats: { minTimestamp: TS - 1000n, minLocalDeletionTime: 1_442_880_001, minTtl: 7 } });
      expect(idOf(encodeMutation({ updates: [other] }, '5'), 8)).to.equal(base);
      expect(idOf(mutation(update(notes, [int(1)], { items: [rows] })), 8)).to.equal(base);
    });

    it('does not depend on what the schema says of dropped columns', () => {
      const dropped = table({ name: 'notes', key: [column('k', scalar('int'))], regulars: [column('a', scalar('int'), { droppedTime: TS, isDropped: true }), column('b', scalar('text'))] });
      const [event] = collect(tablesOf({ keyspaces: ['shop'], userTypes: [], tables: [dropped] }), [mutation(update(notes, [int(1)], { items: [rows] }))]).events;
      expect(event.value).to.not.contain('"a":');
      expect(event.id).to.equal(base);
    });

    it('is another one for another key, value, column, timestamp, kind or table', () => {
      const cell = (name: string, value: Buffer, timestamp = TS): Buffer => mutation(update(notes, [int(1)], { items: [row([], [data(notes, name, [live(value, { timestamp })])])] }));
      const ids = [
        base, idOf(mutation(update(notes, [int(2)], { items: [rows] }))), idOf(cell('a', int(1))), idOf(cell('a', int(2))), idOf(cell('b', int(1))), idOf(cell('a', int(1), TS + 1n)),
        idOf(mutation(update(notes, [int(1)], { items: [{ ...rows, liveness: null }] }))),
      ];
      expect(new Set(ids).size).to.equal(ids.length);
    });

    it('stands in the header and in the value', () => {
      const [{ headers, value }] = collect(notesTables, [mutation(update(notes, [int(1)], { items: [rows] }))]).events;
      expect(headers).to.deep.equal([['cdc.id', base], ['cdc.op', 'c'], ['cdc.scope', 'row']]);
      expect(value.startsWith(`{"id":"${base}","op":"c","scope":"row"`)).to.equal(true);
    });
  });
});
