/** source.*, tables.*, ownership.*: what is read, and what of it is kept. */
import { mapOf, option, optional, section } from '../declare.js';
import { list } from '../types/lists.js';
import { duration, size } from '../types/measures.js';
import { path } from '../types/places.js';
import { choice, secret, text } from '../types/scalars.js';
import { columnPattern, tablePattern } from '../types/tables.js';

const spool = section('Finished segments are moved out of cdc_raw, so that trouble with Kafka does not fill cdc_total_space.', {
  directory: optional(path('/var/lib/cassandra/cdc_spool'), 'On the filesystem of cdc_raw. Not given: `spool` in `state_directory` when that is the same filesystem, else segments stay in cdc_raw.'),
  limit: option(size({ min: '64MiB', max: '1024TiB' }), 'Most bytes in the spool.', { default: '8GiB', reloadable: true }),
  when_full: option(choice(['block', 'gap']), '`block`: leave segments in cdc_raw (Cassandra refuses CDC writes when that is full too); `gap`: the same, and before that is full the oldest is given up, with a gap event and an alarm.', { default: 'block', reloadable: true }),
});

export const source = section('The commit log.', {
  cdc_raw_directory: optional(path('/var/lib/cassandra/cdc_raw'), 'Where Cassandra leaves segments. Not given: as `cassandra.config_file` says.'),
  durability: option(choice(['marker', 'fsync']), '`marker`: publish what the log\'s sync markers confirm; `fsync`: only what the cdc index confirms, later.', { default: 'marker' }),
  poll_interval: option(duration({ min: '1ms', max: '10s' }), 'How often the live segment is looked at; less often, down to every 200 ms, after 20 s without anything new.', { default: '20ms', reloadable: true }),
  spool,
  on_corruption: option(choice(['stop', 'skip_section']), 'At a damaged place: stop, or leave the section out, with a gap event. The file is kept in both cases.', { default: 'stop', reloadable: true }),
  encryption_key_file: optional(path('/etc/cassandra-cdc-agent/commitlog.key'), 'Key of an encrypted commit log, hex or base64.'),
  encryption_key: optional(secret('commitlog-key'), 'The same key as a credential.'),
});

const patterns = list(tablePattern(), { of: 'table patterns' });
const columns = list(columnPattern(), { of: 'column patterns' });

export const tables = section('Which tables with cdc=true, and what of them, becomes events.', {
  include: option(list(tablePattern(), { of: 'table patterns', min: 1 }), 'Tables to publish.', { default: ['*.*'], reloadable: true }),
  exclude: option(patterns, 'Tables to leave out; wins over `include`.', { default: [], reloadable: true, example: '["shop.audit_*"]' }),
  columns: mapOf('Columns, by table or table pattern. Those of the primary key can be hashed, not left out. An update of left-out columns alone is no event.', {
    key: tablePattern(),
    value: section('Columns of these tables.', {
      include: option(list(columnPattern(), { of: 'column patterns', min: 1 }), 'Columns to publish.', { default: ['*'] }),
      exclude: option(columns, 'Columns to leave out; wins over `include`. Not those of the primary key: hash them.', { default: [], example: '[card]' }),
      hash: option(columns, 'Columns to publish as a hash of their value; of a non-frozen collection or user type each element is hashed.', { default: [], example: '[email]' }),
    }),
    example: '"shop.orders": { exclude: [card], hash: [email] }',
  }),
  hash_key: optional(secret('hash-key'), 'Key of the hashes (HMAC-SHA-256). Without it they are plain SHA-256, and whoever guesses a value can prove it.'),
});

export const ownership = section('Which of the replicas\' copies this agent publishes.', {
  mode: option(choice(['owner', 'all']), '`owner`: one copy of each change over the whole ring; `all`: every copy, with equal `cdc.id`.', { default: 'owner' }),
  datacenter: optional(text({ what: 'a datacenter', example: 'dc1' }), 'Datacenter that publishes. Needed when a keyspace is replicated to several.'),
  late_after: option(duration({ min: '1s', max: '365d' }), 'A change whose write time lies further behind carries the header `cdc.late`.', { default: '1m' }),
  late_policy: option(choice(['publish', 'drop']), 'What to do with late changes (repair, streaming, hints). Those of a mutation too large for one transaction, or above 256 KiB, are published in any case.', { default: 'publish' }),
});
