/** Broken configurations and the answer that each must get, written by hand: [line, column, key, message, fix]. */
import { REQUIRED } from './world.js';

export type Answer = readonly [line: number, column: number, key: string, message: string, fix: string];

export interface Mistake {
  readonly name: string;
  readonly text: string;
  readonly answers: readonly Answer[];
}

const one = (name: string, text: string, ...answer: Answer): Mistake => ({ name, text, answers: [answer] });
/** The text stands from line 3 on. */
const more = (name: string, text: string, ...answer: Answer): Mistake => one(name, `${REQUIRED}${text}`, ...answer);
const kafka = (rest: string): string => `cassandra: { contact_points: [127.0.0.1] }\nkafka:\n  brokers: [k1]\n${rest}`;

export const MISTAKES: readonly Mistake[] = [
  { name: 'an empty file', text: '', answers: [[1, 1, 'cassandra.contact_points', 'is required', 'add cassandra: { contact_points: [127.0.0.1:9042] }'], [1, 1, 'kafka.brokers', 'is required', 'add kafka: { brokers: [127.0.0.1:9092] }']] },
  one('one required key missing', 'cassandra:\n  contact_points: [a]\nkafka:\n  compression: none\n', 4, 3, 'kafka.brokers', 'is required', 'add kafka: { brokers: [127.0.0.1:9092] }'),
  one('a misspelt key', kafka('  compresion: lz4\n'), 4, 3, 'kafka.compresion', 'unknown key', 'write compression'),
  one('a misspelt required key', 'cassandra: { contact_points: [a] }\nkafka:\n  broker: [k1]\n', 3, 3, 'kafka.broker', 'unknown key', 'write brokers'),
  one('a camel-case key', kafka('  transaction:\n    maxEvents: 5\n'), 5, 5, 'kafka.transaction.maxEvents', 'unknown key', 'write max_events'),
  more('a key in the wrong section', 'log:\n  poll_interval: 5ms\n', 4, 3, 'log.poll_interval', 'unknown key', 'move it to source.poll_interval'),
  more('a key of another program', 'bootstrap.servers: k1:9092\n', 3, 1, '"bootstrap.servers"', 'unknown key', 'remove it; keys here are cassandra, kafka, source, tables, ownership, events, state_directory, log, http'),
  more('a section twice', 'log: { level: info }\nlog: { level: debug }\n', 4, 1, 'log', 'stands twice, first in line 3', 'remove one of the two'),
  one('a duration without its unit', kafka('  transaction:\n    interval: 100\n'), 5, 15, 'kafka.transaction.interval', 'must be a duration with its unit, is the number 100', 'write 100ms'),
  one('a duration in words', kafka('  transaction:\n    interval: 2 seconds\n'), 5, 15, 'kafka.transaction.interval', 'must be a duration, is "2 seconds"', 'write 2s'),
  one('a number that can only be seconds', kafka('  transaction:\n    timeout: 30\n'), 5, 14, 'kafka.transaction.timeout', 'must be a duration with its unit, is the number 30', 'write 30s'),
  more('a duration out of range', 'source:\n  poll_interval: 1h\n', 4, 18, 'source.poll_interval', 'must be from 1ms to 10s, is 1h', 'write a duration from 1ms to 10s'),
  one('a size in decimal units', kafka('  transaction: { max_bytes: 64MB }\n'), 4, 29, 'kafka.transaction.max_bytes', 'must be a size, is "64MB"', 'write 64MiB'),
  one('a quoted number', kafka('  topics:\n    partitions: "6"\n'), 5, 17, 'kafka.topics.partitions', 'must be a number, is text', 'write 6 without quotes'),
  one('a number out of range', kafka('  topics:\n    replication_factor: 0\n'), 5, 25, 'kafka.topics.replication_factor', 'must be a whole number from 1 to 32, is 0', 'write a whole number from 1 to 32'),
  one('the boolean of YAML 1.1', kafka('  topics:\n    create: no\n'), 5, 13, 'kafka.topics.create', 'must be true or false, is "no"', 'write false'),
  one('an unknown word', kafka('  compression: lz5\n'), 4, 16, 'kafka.compression', 'must be one of none, gzip, snappy, lz4, zstd, is "lz5"', 'write lz4'),
  one('an unknown word near none', kafka('  compression: brotli\n'), 4, 16, 'kafka.compression', 'must be one of none, gzip, snappy, lz4, zstd, is "brotli"', 'write none, gzip, snappy, lz4 or zstd'),
  one('text in place of a list', 'cassandra: { contact_points: [a] }\nkafka: { brokers: "k1:9092, k2:9092" }\n', 2, 19, 'kafka.brokers', 'must be a list of addresses, is one value', 'write [k1:9092, k2:9092]'),
  one('an empty list', 'cassandra: { contact_points: [] }\nkafka: { brokers: [k1] }\n', 1, 30, 'cassandra.contact_points', 'must not be empty', 'write at least one, for example [127.0.0.1:9042]'),
  one('a URL in place of an address', 'cassandra: { contact_points: [a] }\nkafka: { brokers: [k1:9092, "http://k2:9092"] }\n', 2, 29, 'kafka.brokers[1]', 'must be host:port, is "http://k2:9092"', 'write it without the scheme: k2:9092'),
  one('a port that can\'t be', 'cassandra: { contact_points: ["a:90420"] }\nkafka: { brokers: [k1] }\n', 1, 31, 'cassandra.contact_points[0]', 'has port 90420, the largest is 65535', 'write a:9042'),
  one('an IPv6 address without brackets', 'cassandra: { contact_points: ["::1"] }\nkafka: { brokers: [k1] }\n', 1, 31, 'cassandra.contact_points[0]', 'must be host:port, is "::1"', 'write an IPv6 address in brackets: "[::1]:9042"'),
  one('plain without TLS', kafka('  sasl: { mechanism: plain, username: u, password: "${env:PW}" }\n'), 4, 22, 'kafka.sasl.mechanism', 'plain sends the password as it is and is allowed over TLS only', 'add "tls: {}" under kafka, or use scram-sha-512'),
  one('oauthbearer without TLS', kafka('  sasl: { mechanism: oauthbearer, token_file: /t }\n'), 4, 22, 'kafka.sasl.mechanism', 'oauthbearer sends the token as it is and is allowed over TLS only', 'add "tls: {}" under kafka'),
  { name: 'scram without its credentials', text: kafka('  sasl: { mechanism: scram-sha-256 }\n'), answers: [[4, 9, 'kafka.sasl', 'scram-sha-256 needs a username', 'add kafka.sasl.username'], [4, 9, 'kafka.sasl', 'scram-sha-256 needs a password', 'add kafka.sasl.password']] },
  one('oauthbearer without a token', kafka('  tls: {}\n  sasl: { mechanism: oauthbearer }\n'), 5, 9, 'kafka.sasl', 'oauthbearer needs a token', 'add kafka.sasl.token_file or kafka.sasl.token_endpoint'),
  one('a certificate without its key', kafka('  tls: { cert: /a.pem }\n'), 4, 16, 'kafka.tls.cert', 'needs key beside it', 'add kafka.tls.key, or remove cert'),
  one('TLS switched on with a word', kafka('  tls: true\n'), 4, 8, 'kafka.tls', 'must be a section, is on or off', 'to turn it on write "tls: {}", to turn it off remove the line'),
  one('a section that is one value', `${REQUIRED}log: debug\n`, 3, 6, 'log', 'must be a section, is one value', 'write its keys below it, indented: level, format, levels'),
  one('a section that is a list', `${REQUIRED}log:\n  - level: debug\n`, 4, 3, 'log', 'must be a section, is a list', 'remove the "-" or [ ]; its keys are level, format, levels'),
  more('a relative path', 'state_directory: state\n', 3, 18, 'state_directory', 'must be an absolute path, is "state"', 'write /etc/cdc/state'),
  more('a table without its keyspace', 'tables:\n  include: [orders]\n', 4, 13, 'tables.include[0]', 'must be keyspace.table, is "orders"', 'write "orders.*" for a keyspace, or "*.orders" for a table'),
  more('a pattern without quotes', 'tables:\n  include: [*.*]\n', 4, 13, 'tables.include[0]', '* begins an alias in YAML', 'put the value in quotes, as in "*.*"'),
  more('an unknown placeholder', 'events:\n  topic: cdc.{keyspce}.{table}\n', 4, 10, 'events.topic', 'has the unknown placeholder {keyspce}', 'write {keyspace}'),
  more('the agent\'s own topic', 'events:\n  topic: cdc.position\n', 4, 10, 'events.topic', 'is cdc.position, the agent\'s own topic', 'choose another topic, or another events.prefix'),
  more('the topic of its gaps', 'events:\n  topic: cdc.control\n', 4, 10, 'events.topic', 'is cdc.control, the agent\'s own topic', 'choose another topic, or another events.prefix'),
  more('a reserved header', 'events:\n  headers: { cdc.id: x }\n', 4, 14, 'events.headers."cdc.id"', 'is reserved: names that begin with cdc. are the agent\'s own', 'choose another name'),
  more('a header template without quotes', 'events:\n  headers: { user: {column: owner} }\n', 4, 20, 'events.headers.user', 'must be text, is a section', 'put it in quotes: "{column:owner}"'),
  more('an option without a value', 'log:\n  level:\n', 4, 9, 'log.level', 'must be one of error, warn, info, debug, is empty', 'write error, warn, info or debug'),
  { name: 'metrics for everybody', text: `${REQUIRED}http: { listen: "0.0.0.0:9300" }\n`, answers: [[3, 17, 'http.listen', 'is open to other hosts and needs http.tls', 'add http.tls, or listen on 127.0.0.1'], [3, 17, 'http.listen', 'is open to other hosts and needs http.token', 'add http.token, or listen on 127.0.0.1']] },
  one('a missing variable', kafka('  client_id: ${env:NOPE}\n'), 4, 14, 'kafka.client_id', 'the environment variable NOPE is not set', 'set NOPE in the agent\'s environment'),
  one('a reference without its kind', kafka('  client_id: ${NOPE}\n'), 4, 14, 'kafka.client_id', '${NOPE} is not a reference', 'write ${env:NOPE}; for the text itself write $${'),
  one('a credential outside of the service', 'cassandra:\n  contact_points: [a]\n  username: u\n  password: ${credential:pw}\nkafka: { brokers: [k1] }\n', 4, 13, 'cassandra.password', 'there is no credential pw: CREDENTIALS_DIRECTORY is not set', 'run as the systemd service with LoadCredential=pw:PATH (a verb by hand: cassandra-cdc-agent-as-service VERB), or set CREDENTIALS_DIRECTORY to a directory with a file pw'),
  one('a secret file that is not there', 'cassandra:\n  contact_points: [a]\n  username: u\n  password: ${file:/run/pw}\nkafka: { brokers: [k1] }\n', 4, 13, 'cassandra.password', '${file:/run/pw} does not exist', 'make the file, or correct the path'),
  one('two waits the wrong way round', kafka('  transaction: { interval: 5s, timeout: 2s }\n'), 4, 28, 'kafka.transaction.interval', 'must be shorter than kafka.transaction.timeout', 'write a shorter interval, such as 60ms, or a longer timeout'),
];

/** What is no YAML at all, or YAML that is not meant: told by line, before the keys are looked at. */
export const SYNTAX: readonly Mistake[] = [
  one('a tab', 'kafka:\n\tbrokers: [k1]\n', 2, 1, '', 'a tab at the beginning of a line', 'indent with spaces'),
  one('a reference in { } without quotes', 'kafka:\n  sasl: { username: u, password: ${credential:kafka-password} }\n', 2, 35, '', 'a ${...} inside [ ] or { } must stand in quotes', 'write "${credential:kafka-password}"'),
  one('a reference in [ ] without quotes', 'kafka: { brokers: [${env:BROKER}] }\n', 1, 21, '', 'a ${...} inside [ ] or { } must stand in quotes', 'write "${env:BROKER}"'),
  one('a template in { } without quotes', 'events: { topic: cdc.{table} }\n', 1, 22, '', 'text with { } inside [ ] or { } must stand in quotes', 'put the value in quotes'),
  one('an open quote', 'a: "x\n', 2, 1, '', 'a quote, bracket, comma or colon is missing', 'close what was opened; put a space behind each colon'),
  one('a value that begins with @', 'a: @x\n', 1, 4, '', 'a value can\'t begin with this character', 'put the value in quotes'),
  one('a second document', `${REQUIRED}---\nlog: {}\n`, 3, 1, '', 'a second YAML document begins here', 'remove the line "---" and what does not belong'),
  one('a list at the top', '- cassandra\n', 1, 1, '', 'must be a section, is a list', 'remove the "-" or [ ]; its keys are cassandra, kafka, source, tables, ownership, events, state_directory, log, http'),
  one('a lone word', 'hello\n', 1, 1, '', 'must be sections with keys, is one value', 'write its keys below it, indented: cassandra, kafka, source, tables, ownership, events, state_directory, log, http'),
  one('a control character', 'kafka:\n  a: \u0007\n', 2, 6, '', 'holds a control character', 'remove it; is this the right file?'),
];
