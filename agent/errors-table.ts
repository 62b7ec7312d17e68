/**
 * Every stable code of an error that the operator can meet: what it means for the work of the agent, and what to do. The
 * troubleshooting page is made from it; a test compares it with the sources. Damaged segments: parsers/errors.ts.
 */
import { EXIT, type ExitCode } from './errors.js';

export type ErrorFamily = 'config' | 'retryable' | 'io' | 'usage';

/** The status with which a process ends that can't go on. */
export const FAMILY_EXIT: Readonly<Record<ErrorFamily, ExitCode>> = { config: EXIT.config, retryable: EXIT.unavailable, io: EXIT.io, usage: EXIT.usage };

export interface ErrorHelp {
  /** More than one where it depends on when it happens. */
  readonly families: readonly ErrorFamily[];
  readonly means: string;
  readonly action: string;
}

function declare(families: ErrorFamily | readonly ErrorFamily[], means: string, action: string): ErrorHelp {
  return { families: typeof families === 'string' ? [families] : families, means, action };
}

export const ERRORS = {
  CONFIG_INVALID: declare('config', 'The configuration has mistakes; the message names each with line and column. Nothing was started.', 'Correct them; `cassandra-cdc-agent config validate` shows the same list.'),
  CONFIG_NOT_FOUND: declare('config', 'The file that `--config` names is not there.', 'Write one, or correct the path.'),
  CONFIG_NOT_UTF8: declare('config', 'The configuration file holds bytes that are no UTF-8.', 'Save it as UTF-8.'),
  another_agent: declare('config', 'Another agent publishes as the same node. This one ended so that events are not published by both; nothing is lost.', 'Stop one of them, or give the nodes different host ids, cluster names or prefixes.'),
  cassandra_auth: declare('config', 'Cassandra refused the login at the start. Later, when it worked before, the agent waits for it instead.', 'Correct user name and password, or the role.'),
  cassandra_other_node: declare('config', 'The contact point leads to another node than before. Its log would be published as this node\'s.', 'Start the agent anew if the node was replaced, else correct `cassandra.contact_points`.'),
  cassandra_partitioner: declare('config', 'The cluster does not use Murmur3Partitioner, so that the owner of a change can\'t be told.', 'None for this cluster.'),
  cassandra_rights: declare('config', 'The role may not read what the agent needs.', 'Grant what the message names; [SECURITY.md](SECURITY.md) lists all.'),
  cassandra_tls: declare('config', 'The certificate of the node, or the agent\'s own, is not accepted. When it worked before, the agent waits for a renewed one instead.', 'Renew or correct the certificate; check names, dates and authority.'),
  cassandra_version: declare('config', 'The node is older than Cassandra 4.0.', 'Upgrade Cassandra; its old segments can be read with `cassandra-cdc-agent inspect`.'),
  cassandra_yaml: declare('config', '`cassandra.config_file` is no configuration of Cassandra.', 'Correct the path or the file.'),
  checkpoint_damaged: declare('config', 'The guard file in the state directory is damaged. The position is in Kafka; the agent does not start without being told which to believe.', 'Check the disk, then choose one of the commands of the message.'),
  checkpoint_host: declare('config', 'The state directory belongs to another node: to go on would skip or repeat changes.', 'Give each agent its own `state_directory`; for a node that replaces another, the command of the message.'),
  checkpoint_transactional_id: declare('config', 'Prefix or cluster name changed, and with them the place of the position in Kafka.', 'Put them back, or choose with the command of the message where the new name begins.'),
  checkpoint_version: declare('config', 'The guard file is of another version of the agent.', 'Run the version that wrote it, or choose the position in Kafka with the command of the message.'),
  control_socket: declare(['config', 'io'], 'The socket for `status` can\'t be made in the state directory: something else lies there (78), or rights are missing (74).', 'Move away what is in the way, or let the agent\'s user write there.'),
  encryption_key: declare('config', '`source.encryption_key` is no AES key.', 'Give 16, 24 or 32 bytes as hex or base64.'),
  event_too_large: declare('config', 'One event is larger than its topic takes. The agent ended before it: nothing is lost, nothing is skipped.', 'Raise `max.message.bytes` of the topic, or set `kafka.on_oversized_event: dead_letter`.'),
  kafka_brokers: declare('config', '`kafka.brokers` is empty or is not host:port.', 'Correct it.'),
  kafka_protocol: declare('config', 'The cluster has not turned on the transaction protocol that was asked for.', 'Leave the choice to the agent.'),
  kafka_sasl_needs_tls: declare('config', 'The mechanism would send the secret in the clear.', 'Configure `kafka.tls`, or use scram-sha-512.'),
  ownership_undecided: declare('config', 'Nobody can say who publishes the changes of a keyspace. They stay in the log.', 'Follow the fix: it names the datacenter or the replication to set.'),
  position_missing: declare('config', 'Kafka has lost the position that the guard file knows: expired, deleted, or another Kafka. The agent does not start, so that nothing is skipped.', 'Choose with the command of the message; events after that position may come twice.'),
  position_unreadable: declare('config', 'The position in Kafka is of another version or is damaged.', 'Run the version that wrote it, or choose a position with `cassandra-cdc-agent replay`.'),
  position_went_back: declare('config', 'Kafka has an older position than the guard file: it lost committed data or was restored.', 'Choose with the commands of the message; the older one publishes what Kafka lost again, as far as the log reaches.'),
  replay_no_checkpoint: declare('config', 'Replay was asked to begin at the checkpoint, and none can be read. Nothing was changed.', 'Choose another place.'),
  replay_no_position: declare('config', 'Replay was asked to begin at the position in Kafka, and there is none that can be read. Nothing was changed.', 'Choose another place.'),
  replay_no_segments: declare('config', 'Replay found no segment at all. Nothing was changed.', 'Check `source.cdc_raw_directory`; a write to a table with `cdc = true` makes a new one.'),
  replay_user: declare('config', 'Replay runs as another user than the agent, and would leave files that the agent can\'t read. Nothing was changed.', 'Run the command of the message.'),
  ring_epochs_damaged: declare('config', 'What was remembered of earlier rings is damaged.', 'Restore the file, or give it up as the message says; changes from before a move of the ring may then be published twice or not.'),
  ring_epochs_host: declare('config', 'The remembered rings belong to another node.', 'Give each agent its own `state_directory`, or move the file away as the message says.'),
  ring_epochs_newer: declare('config', 'A newer agent wrote what is remembered of the ring.', 'Run the newer agent again.'),
  schema_history_damaged: declare('config', 'What was remembered of earlier schemas is damaged.', 'Restore it, or give it up as the message says; rows of tables dropped before can\'t be decoded then.'),
  schema_history_newer: declare('config', 'A newer agent wrote the schema history.', 'Run the newer agent again.'),
  spool_other_filesystem: declare(['config', 'io'], 'Segments can\'t be renamed from cdc_raw into the spool or quarantine. Nothing was moved.', 'Choose a directory beside cdc_raw, in the same mount: [OPERATIONS.md](OPERATIONS.md#rights).'),
  state_directory_locked: declare('config', 'Another agent, or a replay, has the state directory.', 'Stop it first, or give each its own.'),
  state_directory_too_long: declare('config', 'The path of the control socket is longer than a unix socket allows.', 'Choose a shorter `state_directory`.'),
  state_directory_unclear: declare('config', 'The configuration does not write the state directory out, so that the running agent can\'t be found.', 'Name it with `--state-directory`.'),
  zstd_unavailable: declare('config', 'This Node has no zstd.', 'Use lz4, or a newer Node.'),

  agent_no_access: declare('retryable', 'The agent runs; this user may not ask it.', 'Ask as root or as a member of its group.'),
  agent_not_running: declare('retryable', 'No agent runs with this state directory.', 'Start it, or name its configuration.'),
  agent_other_version: declare('retryable', 'What answers is another version of the agent, or none.', 'Ask with the version that runs, or restart the service after an upgrade.'),
  agent_silent: declare('retryable', 'The agent has its socket open and does not answer in time.', 'Look at the service; it may be stopped or very busy.'),
  cassandra_error: declare('retryable', 'The node answered a query with an error. It is asked again.', 'If it lasts: look at the node\'s log.'),
  cassandra_joining: declare('retryable', 'The node is joining or was decommissioned. The agent waits.', 'Wait for `UN`; stop the agent of a decommissioned node when all of cdc_raw is published.'),
  cassandra_schema_moves: declare('retryable', 'The schema changed during each attempt to read it.', 'Wait until the schema changes end.'),
  cassandra_starting: declare('retryable', 'The node is up and not ready for queries or logins. The agent waits.', 'Nothing, unless it lasts.'),
  cassandra_unreachable: declare('retryable', 'Nothing answers at the contact points. The agent waits; what is written stays in the log.', 'Start the node, or correct `cassandra.contact_points`.'),
  kafka_authentication: declare('retryable', 'Kafka refuses the login. Segments wait; the agent tries on.', 'Correct mechanism, user and password (and restart), or renew the token.'),
  kafka_authorization: declare('retryable', 'A right is missing in Kafka. Segments wait; the agent tries on and takes the right when it is given.', 'Give the ACL that the fix names.'),
  kafka_fault: declare('retryable', 'Kafka answered with an error. The transaction is repeated from the stored position.', 'Nothing, unless it lasts: then look at the brokers.'),
  kafka_fenced: declare('retryable', 'The transaction was ended from outside, as after a timeout. It is repeated from the stored position.', 'Nothing; if it comes often, look for a second agent or for slow brokers.'),
  kafka_no_leader: declare('retryable', 'A partition has no leader. Everything waits for it.', 'Bring the brokers of the partition back.'),
  kafka_oauth_token: declare('retryable', 'No usable OAuth token from file or endpoint. Segments wait; the agent tries on.', 'Repair what renews the token.'),
  kafka_sequence: declare('retryable', 'A partition has used up the sequence numbers of a producer. The agent takes new ones and repeats.', 'Nothing.'),
  kafka_tls: declare(['retryable', 'config'], 'No TLS connection to Kafka. The agent tries on, and reads renewed files; it ends (78) only when certificate or key is not configured.', 'Check certificates (names, dates, authority), and that both `cert` and `key` are given.'),
  kafka_too_old: declare('retryable', 'The broker does not know a request that is needed.', 'Use Kafka 2.5 or later.'),
  kafka_topic_missing: declare('retryable', 'A topic is not there. Everything waits, also for other topics.', 'Create it, or set `kafka.topics.create: true` and restart.'),
  kafka_unreachable: declare('retryable', 'No broker answers. Segments wait in cdc_raw and the spool; the agent goes on by itself.', 'Bring the brokers back: [OPERATIONS.md](OPERATIONS.md#when-kafka-is-away).'),
  position_not_moved: declare('retryable', 'The position was written by replay, and another agent has written another one since.', 'Stop that agent and try again.'),
  replay_position_moved: declare('retryable', 'The position moved between plan and replay. Nothing was changed.', 'Stop the agent that publishes under this id, and try again.'),
  ring_incomplete: declare('retryable', 'The rows of the ring contradict each other. The last ring stays in force; at the start the agent waits.', 'Compare `nodetool status` with system.peers_v2; remove rows of nodes that are gone.'),
  systemd_notify: declare('retryable', 'systemd could not be told. Publishing goes on, but the watchdog may restart the agent.', 'Install `systemd-notify`, set `NotifyAccess=all`.'),

  CONFIG_UNREADABLE: declare('io', 'The configuration file is there and can\'t be read.', 'Give the agent\'s user (or yourself) read access.'),
  checkpoint_io: declare('io', 'The guard file can\'t be read or written. At the start the agent ends; later it goes on and says `checkpoint not written`.', 'Check rights, space and file system of the state directory.'),
  clock_went_back: declare('io', 'A new segment has a lower id than older ones: the clock of the node went back. Its changes stay unpublished and are kept.', 'Set the clock right, restart Cassandra, then run the replay of the message.'),
  directory_missing: declare('io', 'cdc_raw, or the directory for the spool, can\'t be looked at.', 'Correct `source.cdc_raw_directory`, or give rights: `cassandra-cdc-agent-rights`.'),
  http_listen: declare('io', 'The address for metrics can\'t be listened on. Publishing goes on, and it is tried again.', 'Free the address, or correct `http.listen`.'),
  ledger_damaged: declare('io', 'Which segments were read is not known any more. The position in Kafka still says where to go on.', 'Check the disk and remove the file; finished segments before the position stay in cdc_raw.'),
  lock_failed: declare('io', 'The state directory can\'t be locked, and the agent does not run without a lock.', 'Allow unix sockets: AF_UNIX in `RestrictAddressFamilies=` of the unit.'),
  no_segments: declare('io', 'The directory that was named holds no segment.', 'Name cdc_raw, the commit-log directory, or a copy.'),
  not_a_file: declare('io', 'A path is no regular file; links and pipes are not read.', 'Name a segment, or remove what is not one.'),
  read_failed: declare('io', 'A file or directory can\'t be read. Nothing behind it is skipped: the agent ends and tries again when started.', 'Give rights, or check the disk and the path.'),
  recording_missing: declare('io', 'The recording that comes with the agent is not installed.', 'Install again, or name your own with `--cdc-raw` and `--schema`.'),
  ring_epochs: declare('io', 'What is remembered of the ring can\'t be read.', 'Let the agent\'s user read its state directory.'),
  schema_history: declare('io', 'The schema history can\'t be read or used.', 'Let the agent\'s user read and write its state directory.'),
  segment_moved: declare('io', 'A segment went away while it was measured. Nothing was changed.', 'Look again.'),
  segment_too_large: declare('io', 'A file has the name of a segment and more bytes than one can have.', 'Remove it: Cassandra did not write it.'),
  segment_truncated: declare('io', 'A file became shorter while it was read.', 'Read a copy that nobody writes to.'),
  segment_twice: declare('io', 'Two files have one segment id, and which one is right is not known.', 'Keep the one that Cassandra wrote.'),
  segment_unpack: declare('io', 'A recorded segment is no gzip file.', 'Restore the file.'),
  state_directory: declare('io', 'The state directory is missing or can\'t be used.', 'Create it, owned by the agent\'s user.'),
  tls_file: declare('io', 'A certificate or key can\'t be read or do not belong together. A reload keeps the old ones.', 'Correct path, rights or content.'),
  write_failed: declare('io', 'A file of the agent can\'t be written.', 'Make room on its filesystem, or give rights.'),

  contact_point: declare('usage', 'The contact point is no host and port.', 'Write it as 127.0.0.1:9042.'),
  key_file: declare('usage', 'The file holds no AES key.', 'Export the key of the alias that the segment names.'),
  options: declare('usage', 'Options of `inspect` exclude each other.', 'Run it once for each.'),
  owner_key: declare('usage', 'The key can\'t be read as the types of the table.', 'Write it as in CQL or JSON.'),
  owner_keyspace: declare('usage', 'There is no such keyspace.', 'Write it as in system_schema.'),
  owner_options: declare('usage', 'Key or token is missing, or the table of the key.', 'Give `--token`, or `--table` and `--key`.'),
  owner_table: declare('usage', 'There is no such table.', 'Write it as in system_schema.'),
  owner_token: declare('usage', 'The token is no signed 64-bit number.', 'Take it from `SELECT token(…)`.'),
  replay_from: declare('usage', '`--from` is no position and no known word. Nothing was changed.', 'Copy SEGMENT:POSITION from status or log.'),
  replay_position: declare('usage', 'The position lies behind what is written. Nothing was changed.', 'Copy one from status or log, or use `--from end`.'),
  run_options: declare('usage', 'Options of `run` do not belong together.', 'Give `--config`, or `--cdc-raw` with `--schema`.'),
  schema_file: declare('usage', 'The file is no schema as `cassandra-cdc-agent schema dump` writes it.', 'Export it again.'),
} as const satisfies Record<string, ErrorHelp>;
