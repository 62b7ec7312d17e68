/** log.*, http.*: the process itself. */
import { mapOf, option, optional, optionalSection, required, section } from '../declare.js';
import { listenAddress, path } from '../types/places.js';
import { choice, secret } from '../types/scalars.js';

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
/** Parts of the agent that can be given a level of their own. */
export const LOG_COMPONENTS = ['service', 'config', 'cassandra', 'schema', 'ring', 'source', 'events', 'serializer', 'kafka', 'publisher', 'checkpoint', 'http'] as const;

export const log = section('What the agent says, on standard error.', {
  level: option(choice(LOG_LEVELS), 'INFO: nothing to do. WARN: look today. ERROR: act now. Row values appear at debug only.', { default: 'info', reloadable: true }),
  format: option(choice(['auto', 'logfmt', 'json']), '`auto`: logfmt; in the journal with its priorities.', { default: 'auto' }),
  levels: mapOf('Levels of single parts.', {
    key: choice(LOG_COMPONENTS),
    value: required(choice(LOG_LEVELS), 'Level of this part.', { reloadable: true }),
    example: 'source: debug',
  }),
});

export const http = section('Metrics and health: /metrics, /livez, /readyz.', {
  listen: option(listenAddress('127.0.0.1:9300'), 'Other than this host only with `tls` and `token`.', { default: '127.0.0.1:9300' }),
  tls: optionalSection('Serve over TLS.', {
    cert: required(path('/etc/cassandra-cdc-agent/http.pem'), 'Certificate (PEM).'),
    key: required(path('/etc/cassandra-cdc-agent/http.key'), 'Private key (PEM).'),
  }),
  token: optional(secret('http-token'), 'Bearer token that a caller must show.'),
});
