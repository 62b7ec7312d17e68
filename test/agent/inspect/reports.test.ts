import { expect } from 'chai';
import { damageNotes } from '../../../agent/inspect/damage-text.js';
import { JsonReport } from '../../../agent/inspect/json-report.js';
import { RowsReport } from '../../../agent/inspect/rows-report.js';
import { SummaryReport } from '../../../agent/inspect/summary-report.js';
import { Schema } from '../../../parsers/index.js';
import { schemaFromRows } from '../../../parsers/schema/from-system-schema.js';
import { schemaRows } from '../../helpers/schema-rows.js';
import { runInspect, type InspectRun, type InspectSetup } from './harness.js';
import { SEGMENT_ID, SHOP, shopSchema, shopSegment } from './shop.js';

const NAME = `CommitLog-7-${SEGMENT_ID}.log`;

function show(report: InspectSetup['report'], files: InspectSetup['files'], more: Partial<InspectSetup> = {}): Promise<InspectRun> {
  return runInspect({ files, report, schema: shopSchema(), ...more });
}

function withoutColumn(name: string): Schema {
  const rows = schemaRows(SHOP);
  return new Schema(schemaFromRows({ ...rows, columns: rows.columns.filter((row) => row['column_name'] !== name) }));
}

describe('inspect --rows', () => {
  it('prints a line per row, marker and deletion, with values as JSON', async () => {
    const { lines } = await show((out) => new RowsReport(out), { [NAME]: shopSegment().image() });
    const orders = lines.map((line) => line.replace(/^\d+:(\d+) /, '')).filter((line) => line.startsWith('shop.orders'));
    expect(orders.map((line) => line.replace('shop.orders customer=42 ', ''))).to.deep.equal([
      'row id=7 insert 2026-11-22 15:15:28.612000Z stock={} deleted 2026-11-22 15:15:28.611999Z status="paid" address[street]="Elm" address[zip]=8000 stock["a b"]=3 tags["vip"] tags["new"]=null',
      'row id=8 update 2026-11-22 15:15:28.612000Z note="gone" (dropped) status="open" @2026-11-22 15:15:28.613000Z ttl=60',
      'static update 2026-11-22 15:15:28.612000Z limit=100',
      'row id=9 update 2026-11-22 15:15:28.612000Z status=null',
      'row id=9 deleted 2026-11-22 15:15:28.614000Z',
      'range >= (id=1) deleted 2026-11-22 15:15:28.615000Z',
      'range < and >= (id=5) ends what was deleted 2026-11-22 15:15:28.615000Z, deleted 2026-11-22 15:15:28.616000Z',
      'range <= (id=6) ends what was deleted 2026-11-22 15:15:28.616000Z',
      'partition deleted 2026-11-22 15:15:28.617000Z',
      'row id=10 update 2026-11-22 15:15:28.612000Z note="only this" (dropped)',
      'row id=7 insert 2026-11-22 15:15:28.612000Z stock={} deleted 2026-11-22 15:15:28.611999Z status="paid" address[street]="Elm" address[zip]=8000 stock["a b"]=3 tags["vip"] tags["new"]=null',
    ]);
  });

  it('prints the position behind the entry, and what can be seen of a table that the schema lacks', async () => {
    const writer = shopSegment();
    const { lines } = await show((out) => new RowsReport(out), { [NAME]: writer.image() });
    const [second, last] = writer.entries.slice(-2);
    expect(lines.slice(-2)).to.deep.equal([
      `${SEGMENT_ID}:${second.end} 5be4c001-0000-1000-8000-00000000be0c key=0x0000002a 1 table update, ${second.size} bytes, table not in the schema`,
      `${SEGMENT_ID}:${last.end} 5be4c001-0000-1000-8000-00000000be0c key=0x0000002a 2 table updates, ${last.size} bytes, table not in the schema`,
    ]);
  });

  it('shows the first of many places that a wrong schema gives, and counts the rest', async () => {
    const { lines } = await show((out) => new RowsReport(out), { [NAME]: shopSegment().image() }, { schema: withoutColumn('status') });
    expect(lines.filter((line) => line.includes(' damaged unknown_column: shop.orders has no column "status" in this schema'))).to.have.lengthOf(4);
  });
});

describe('inspect, the summary', () => {
  it('says what the segment is and what it holds', async () => {
    const writer = shopSegment();
    const { text } = await show((out) => new SummaryReport(out, true), { [NAME]: writer.image({ padTo: 4096 }), [`CommitLog-7-${SEGMENT_ID}_cdc.idx`]: '512\nCOMPLETED' });
    const bytes = writer.entries.reduce((sum, { size }) => sum + size, 0);
    const end = writer.syncedLength;
    expect(text).to.equal([
      NAME,
      '  version   7: Cassandra 4.0, 4.1, and 5.0 in compatibility mode CASSANDRA_4',
      `  id        ${SEGMENT_ID}, made 2026-11-22 15:15:28.612Z`,
      '  file      4,096 bytes, not compressed, not encrypted',
      '  sections  2, every checksum holds',
      `  end       at ${end.toLocaleString('en-US')}; behind it ${(4096 - end).toLocaleString('en-US')} bytes of zeros`,
      `  entries   9, 11 table updates, ${bytes} bytes of mutations`,
      '  written   2026-11-22 15:15:28.612000Z to 2026-11-22 15:15:28.617000Z',
      '  cdc index 512, completed',
      '  table                                  mutations      rows     cells deletions',
      '  shop.orders (cdc)                              8         6        15        10',
      '  unknown table, not in the schema       mutations',
      '  5be4c001-0000-1000-8000-00000000be0c           2',
      '',
      `1 segment, 9 entries, ${bytes} bytes of mutations, 2 of unknown tables, nothing`,
      'damaged',
      '',
    ].join('\n'));
  });

  it('fits 80 columns, whatever is wrong', async () => {
    const damaged = shopSegment().image();
    damaged[damaged.length - 3] ^= 1;
    const runs = await Promise.all([
      show((out) => new SummaryReport(out, true), { [NAME]: damaged, 'CommitLog-7-1.log': 'no segment', 'CommitLog-7-2_cdc.idx': '' }),
      show((out) => new SummaryReport(out, true), { [NAME]: shopSegment().image() }, { schema: withoutColumn('status') }),
      show((out) => new SummaryReport(out, false), { [NAME]: shopSegment().image() }, { schema: new Schema() }),
    ]);
    for (const { lines } of runs) expect(lines.filter((line) => line.length > 80 && !line.endsWith('an index without its segment'))).to.deep.equal([]);
    expect(runs[0].text).to.match(/damaged {3}1 place\n {4}entry_crc, 1 place\n {6}at \d+: the checksum of the entry at \d+ does not match\n {6}fix: /);
    expect(runs[0].text).to.contain('descriptor_truncated').and.to.contain('CommitLog-7-2_cdc.idx: an index without its segment');
    expect(runs[1].text).to.contain('unknown_column in shop.orders, 4 places');
    expect(runs[2].text).to.contain('first table of the mutation').and.to.contain('Without --schema only ids');
  });

  it('tells zeros from bytes that no marker vouches for', async () => {
    const writer = shopSegment();
    const unsynced = Buffer.concat([writer.image(), Buffer.alloc(8), Buffer.from('entry')]);
    const kinds = await Promise.all([writer.image(), writer.image({ padTo: 2_000_000 }), unsynced].map(async (file) => {
      const { summaries } = await show((out) => new SummaryReport(out, true), { [NAME]: file });
      return [summaries[0].tail?.kind, summaries[0].tail?.length];
    }));
    expect(kinds).to.deep.equal([['none', 0], ['zeros', 2_000_000 - writer.syncedLength], ['unsynced', 13]]);
  });

  it('counts what Cassandra sees: neither cells of dropped columns nor rows that hold nothing else', async () => {
    const { summaries } = await show((out) => new SummaryReport(out, true), { [NAME]: shopSegment().image() });
    const counts = summaries[0].tables.get('5be4c000-0000-1000-8000-00000000be0c')!.counts;
    expect({ ...counts, writeTimes: undefined, table: undefined }).to.deep.equal({
      updates: 8, rows: 5, staticRows: 1, cells: 15, cellTombstones: 3, rowDeletions: 1, complexDeletions: 2, rangeMarkers: 3, partitionDeletions: 1, droppedCells: 2, writeTimes: undefined, table: undefined,
    });
  });
});

describe('inspect --json', () => {
  it('has a shape that stays', async () => {
    const writer = shopSegment();
    const { text } = await show((out) => new JsonReport(out), { [NAME]: writer.image(), [`CommitLog-7-${SEGMENT_ID}_cdc.idx`]: '512' });
    const { segments: [segment], ...rest } = JSON.parse(text) as { segments: Record<string, unknown>[] };
    const mutationBytes = writer.entries.reduce((sum, { size }) => sum + size, 0);
    expect(rest).to.deep.equal({ format: 1, orphanIndexes: [], total: { segments: 1, sections: 2, entries: 9, mutationBytes, unknownTables: 2, damaged: 0 } });
    expect({ ...segment, path: undefined }).to.deep.equal({
      file: NAME, path: undefined, bytes: writer.syncedLength, id: String(SEGMENT_ID), created: '2026-11-22T15:15:28.612Z', version: 7, compression: null, encryption: null,
      sections: 2, entries: 9, updates: 11, mutationBytes,
      tail: { offset: writer.syncedLength, kind: 'none', bytes: 0 },
      writeTime: { min: '1795360528612000', max: '1795360528617000' },
      cdcIndex: { offset: 512, completed: false },
      tables: [{ keyspace: 'shop', table: 'orders', id: '5be4c000-0000-1000-8000-00000000be0c', cdc: true, mutations: 8, updates: 8, rows: 5, staticRows: 1, cells: 15, cellTombstones: 3, rowDeletions: 1, complexDeletions: 2, rangeMarkers: 3, partitionDeletions: 1, droppedCells: 2 }],
      unknownTables: { '5be4c001-0000-1000-8000-00000000be0c': 2 },
      damage: { count: 0, groups: [] },
    });
  });

  it('groups damage with its fix and places', async () => {
    const { text, summaries } = await show((out) => new JsonReport(out), { [NAME]: shopSegment().image() }, { schema: withoutColumn('status') });
    const { segments: [{ damage }] } = JSON.parse(text) as { segments: { damage: { count: number; groups: Record<string, unknown>[] } }[] };
    expect(damage.count).to.equal(4);
    expect(damage.groups).to.have.lengthOf(1);
    expect(damage.groups[0]).to.include({ code: 'unknown_column', table: 'shop.orders', count: 4 }).and.to.have.keys('code', 'table', 'count', 'fix', 'places');
    expect((damage.groups[0]['places'] as unknown[])[0]).to.have.keys('position', 'end', 'size', 'message');
    expect(damageNotes(summaries)).to.match(/^damaged: CommitLog-7-\d+\.log at \d+: shop\.orders has no column "status" in this schema \(position \d+\) \(unknown_column\) \(4 places\)\nfix: {5}the schema lacks a column.*\n$/);
  });

  it('says what cannot be known of a file that is no segment', async () => {
    const { text } = await show((out) => new JsonReport(out), { 'CommitLog-7-1.log': Buffer.alloc(100, 1) });
    const { segments: [segment] } = JSON.parse(text) as { segments: Record<string, unknown>[] };
    expect(segment).to.include({ id: null, version: null, compression: null, encryption: null, tail: null, writeTime: null, cdcIndex: null, bytes: 100 });
  });
});

describe('inspect of an encrypted segment', () => {
  const encryption = { key: Buffer.alloc(16, 1), iv: Buffer.alloc(16, 2), keyAlias: 'k:1', chunkLength: 4096 };
  const files = { [NAME]: shopSegment({ encryption }).image() };

  it('reads it with its key', async () => {
    const { summaries } = await show((out) => new JsonReport(out), files, { key: encryption.key });
    expect([summaries[0].entries, summaries[0].damage.count]).to.deep.equal([9, 0]);
  });

  it('names the alias once when the key is missing', async () => {
    const { text } = await show((out) => new SummaryReport(out, true), files);
    expect(text).to.contain('encrypted with AES/CBC/PKCS5Padding, key alias k:1').and.to.contain('encryption_key_missing, 1 place');
  });

  it('says once that the key is wrong, with the fix', async () => {
    const { summaries } = await show((out) => new JsonReport(out), files, { key: Buffer.alloc(16, 9) });
    const notes = damageNotes(summaries);
    expect(notes.match(/fix: /g)).to.have.lengthOf(1);
    expect(notes).to.match(/does not decrypt with the key given for alias k:1 \(encryption_key_wrong\)/);
  });
});
