/** The configuration, declared once. */
import { option, section, type ConfigOf } from './declare.js';
import { cassandra } from './options/cassandra.js';
import { events } from './options/events.js';
import { kafka } from './options/kafka.js';
import { http, log } from './options/service.js';
import { ownership, source, tables } from './options/source.js';
import { path } from './types/places.js';

export const DECLARATION = section('Configuration of cassandra-cdc-agent.', {
  cassandra,
  kafka,
  source,
  tables,
  ownership,
  events,
  state_directory: option(path('/var/lib/cassandra-cdc-agent'), 'Where the agent keeps its checkpoint, schema history and ring epochs.', { default: '/var/lib/cassandra-cdc-agent' }),
  log,
  http,
});

/** The checked configuration. Keys are those of the file; durations in ms, sizes in bytes. */
export type AgentConfig = ConfigOf<typeof DECLARATION>;
