/** kafka.*: where events go. */
import { mapOf, option, optional, optionalSection, required, section } from '../declare.js';
import { kafkaSetting } from '../types/kafka-setting.js';
import { list } from '../types/lists.js';
import { duration, size } from '../types/measures.js';
import { address, path, url } from '../types/places.js';
import { boolean, choice, integer, secret, text } from '../types/scalars.js';
import { tlsClient } from './cassandra.js';

export const SASL_MECHANISMS = ['scram-sha-512', 'scram-sha-256', 'plain', 'oauthbearer'] as const;

const sasl = optionalSection('Authentication by SASL. Absent = none (or mutual TLS).', {
  mechanism: required(choice(SASL_MECHANISMS), '`plain` only with `kafka.tls`: it sends the password as it is.'),
  username: optional(text({ what: 'a user name', example: 'cdc_agent' }), 'For scram and plain.'),
  password: optional(secret('kafka-password'), 'For scram and plain.'),
  token_file: optional(path('/run/secrets/kafka-token'), 'For oauthbearer: file that holds the token, read again at each login.'),
  token_endpoint: optionalSection('For oauthbearer: where a token is fetched (OAuth 2 client credentials).', {
    url: required(url('https://login.example.com/oauth2/token'), 'Token endpoint.'),
    client_id: required(text({ what: 'a client id', example: 'cdc_agent' }), 'Client id.'),
    client_secret: required(secret('oauth-client-secret'), 'Client secret.'),
    scope: optional(text({ what: 'a scope', example: 'kafka' }), 'Scope to ask for.'),
    ca: optional(path('/etc/cassandra-cdc-agent/oauth-ca.pem'), 'Certificates (PEM) to trust instead of the system\'s.'),
  }),
});

const transaction = section('How events are cut into transactions: whichever limit comes first. Nothing is sent when idle.', {
  interval: option(duration({ min: '1ms', max: '10s' }), 'Longest time that an event waits for its transaction to be committed.', { default: '60ms', reloadable: true }),
  // A transaction costs the broker as much as thousands of events: half of these gave a backlog a tenth less a second.
  max_events: option(integer({ min: 1, max: 100_000 }), 'Most events in one transaction.', { default: 4000, reloadable: true }),
  max_bytes: option(size({ min: '1KiB', max: '64MiB' }), 'Most bytes in one transaction.', { default: '2MiB', reloadable: true }),
  timeout: option(duration({ min: '1s', max: '15m' }), 'After this the broker gives an open transaction up. Not above its transaction.max.timeout.ms.', { default: '10s' }),
});

const topics = section('Topics of events.', {
  create: option(boolean(), 'Make missing topics. False: they must exist; `check` says which are missing.', { default: false }),
  partitions: option(integer({ min: 1, max: 10_000 }), 'Partitions of a topic that the agent makes.', { default: 6 }),
  replication_factor: option(integer({ min: 1, max: 32 }), 'Replicas of a topic that the agent makes.', { default: 3 }),
  config: mapOf('Settings of a topic that the agent makes, as Kafka names them.', {
    key: text({ what: 'a topic setting', example: 'retention.ms', pattern: /^[a-z0-9.]+$/, rule: 'as Kafka names it' }),
    value: required(kafkaSetting(), 'Value of that setting.'),
    example: 'retention.ms: 604800000',
  }),
});

export const kafka = section('The Kafka cluster that events go to.', {
  brokers: required(list(address(9092), { of: 'addresses', min: 1 }), 'Some brokers of the cluster; the others are found through them.', { example: '[127.0.0.1:9092]' }),
  client_id: option(text({ what: 'a client id', example: 'cassandra-cdc-agent' }), 'Name in the brokers\' logs and quotas.', { default: 'cassandra-cdc-agent' }),
  tls: tlsClient('Kafka', '/etc/cassandra-cdc-agent/kafka'),
  sasl,
  compression: option(choice(['none', 'gzip', 'snappy', 'lz4', 'zstd']), 'Compression of record batches.', { default: 'lz4' }),
  transaction,
  topics,
  on_oversized_event: option(choice(['stop', 'dead_letter']), 'What to do with one event above the topic\'s max.message.bytes: stop, or put a description of it on the topic `{prefix}.dead_letter` and go on.', { default: 'stop' }),
  connect_timeout: option(duration({ min: '100ms', max: '5m' }), 'How long a connection may take to stand.', { default: '2s' }),
  request_timeout: option(duration({ min: '500ms', max: '5m' }), 'How long an answer may take; after it the producer is replaced.', { default: '5s' }),
});
