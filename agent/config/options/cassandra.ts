/** cassandra.*: the node that the agent stands beside. */
import { optional, option, optionalSection, required, section } from '../declare.js';
import { list } from '../types/lists.js';
import { duration } from '../types/measures.js';
import { address, path } from '../types/places.js';
import { boolean, secret, text } from '../types/scalars.js';

/** The client side of TLS, the same towards Cassandra and Kafka. */
export function tlsClient(server: string, directory: string) {
  return optionalSection(`TLS to ${server}. Absent = without TLS; \`{}\` = TLS with the system's certificate authorities.`, {
    ca: optional(path(`${directory}/ca.pem`), 'Certificates (PEM) to trust instead of the system\'s.'),
    cert: optional(path(`${directory}/agent.pem`), `The agent's own certificate (PEM), where ${server} asks for one (mutual TLS).`),
    key: optional(path(`${directory}/agent.key`), 'Private key (PEM) of `cert`.'),
    key_password: optional(secret('tls-key-password'), 'Password of an encrypted `key`.'),
    verify_hostname: option(boolean(), 'Refuse a certificate that is not for the host that was called.', { default: true }),
  });
}

export const cassandra = section('The Cassandra node on this host: schema and ring are read over CQL.', {
  contact_points: required(list(address(9042), { of: 'addresses', min: 1 }), 'This node. The session stays on it: no other node is asked.'),
  username: optional(text({ what: 'a role name', example: 'cdc_agent' }), 'Role with LOGIN; it needs no grants.'),
  password: optional(secret('cassandra-password'), 'Its password.'),
  tls: tlsClient('Cassandra', '/etc/cassandra-cdc-agent/cassandra'),
  config_file: option(path('/etc/cassandra/cassandra.yaml'), 'Read by `check`, and for the cdc_raw directory when `source.cdc_raw_directory` is not given.', { default: '/etc/cassandra/cassandra.yaml' }),
  connect_timeout: option(duration({ min: '100ms', max: '5m' }), 'How long a connection may take to stand.', { default: '5s' }),
  request_timeout: option(duration({ min: '100ms', max: '10m' }), 'How long an answer may take.', { default: '12s' }),
});
