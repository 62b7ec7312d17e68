/** events.*: what a consumer gets. */
import { mapOf, option, required, section } from '../declare.js';
import { list } from '../types/lists.js';
import { boolean, choice, text } from '../types/scalars.js';
import { eventTimestamp, tableName } from '../types/tables.js';
import { headerName, headerValue, topicPrefix, topicTemplate } from '../types/topic.js';

const values = section('How CQL values stand in JSON.', {
  int64: option(choice(['number', 'string']), 'Exact digits of bigint, varint and counter, or text for consumers that read numbers as doubles.', { default: 'number' }),
  decimal: option(choice(['number', 'string']), 'Exact digits of a decimal, or text.', { default: 'number' }),
  blob: option(choice(['hex', 'base64']), 'Bytes of a blob.', { default: 'hex' }),
  timestamp: option(choice(['cql', 'iso', 'epoch_millis']), 'Points in time as SELECT JSON writes them, in ISO 8601, or as a number.', { default: 'cql' }),
});

export const events = section('What a consumer gets.', {
  format: option(choice(['json']), 'Serialization of keys and values.', { default: 'json' }),
  topic: option(topicTemplate(), 'Topic of a table\'s events.', { default: 'cdc.{keyspace}.{table}' }),
  prefix: option(topicPrefix(), 'Begins the names of the agent\'s own topics (`{prefix}.position`) and of its transactional id. Another prefix starts from nothing.', { default: 'cdc' }),
  timestamp: option(eventTimestamp(), 'Timestamp of records: the write time, or for the tables named a column of theirs: timestamp, date, timeuuid, or bigint of milliseconds. The write time stands in where an event lacks the value.', { default: 'writetime' }),
  headers: mapOf('Headers to add: fixed text, or the value of a column as "{column:NAME}", where the event carries it.', {
    key: headerName(),
    value: required(headerValue(), 'Fixed text or "{column:NAME}".'),
    example: 'origin: billing',
  }),
  json_columns: mapOf('Text columns that hold JSON, by table: embedded as JSON. Those of the primary key stay text.', {
    key: tableName(),
    value: required(list(text({ what: 'a column name', example: 'payload' }), { of: 'column names', min: 1 }), 'Columns of this table.'),
    example: '"shop.orders": [payload]',
  }),
  tombstones: option(boolean(), 'Follow the deletion of a row (in a table without clustering columns: of its partition) with a record without value, for compacted topics.', { default: false }),
  values,
});
