/** What each line of level warn and error means to the operator, and what to do; the troubleshooting page is made from it. */
import type { ProblemName } from './happenings-table.js';

export interface Help {
  readonly means: string;
  readonly action: string;
}

export const HAPPENINGS_HELP: Readonly<Record<ProblemName, Help>> = {
  'agent failed': { means: 'The process ends with this error. What is in Kafka stays committed; what is not is read again at the next start.', action: 'Look up the `code` among the errors above.' },
  'systemd not notified': { means: 'systemd does not hear that the agent lives, and may restart it when the watchdog runs out. Publishing goes on.', action: 'Follow the fix: `systemd-notify` and `NotifyAccess=all`.' },

  'configuration warning': { means: 'The file is accepted and the agent runs; an option does not do what it seems to.', action: 'Correct the named place, then reload.' },
  'configuration refused': { means: 'A reload did not go through: the agent publishes on with the options that it had. A new log level, or tables, of the file may hold already when only a certificate could not be read.', action: 'Correct the mistakes (`cassandra-cdc-agent config validate`) and reload again, before the next restart.' },

  'cassandra unreachable': { means: 'The node does not answer queries. Nothing is lost: where the agent needs an answer it waits, and goes on by itself.', action: 'If the node is up: follow the fix (address, login, certificate).' },

  'unknown table': { means: 'A logged change names a table or column that log, history and node do not know. What stands before it in the entry was published; the entry is kept in `unknown` below the state directory.', action: 'If the table was dropped, nothing. Otherwise keep the files and report it.' },
  'ring not read': { means: 'The ring could not be read; the last one that was read stays in force, and reading is repeated.', action: 'Nothing when it ends by itself; otherwise compare `nodetool status` on this node.' },
  'ring epochs not written': { means: 'A change of the ring is known in memory only. A restart now would judge changes written before it by a newer ring.', action: 'Make room and give rights in the state directory before any restart.' },
  'node left the ring': { means: 'The node was decommissioned. What its log still holds is published by the last ring that it was a member of.', action: 'Let the agent run until `status` shows no lag, then stop it. Started again, it would wait for the node.' },
  'changes held': { means: 'It is not known who publishes the changes of the keyspace, so that this agent publishes nothing behind them. They stay in the log.', action: 'See `reason`: let the ring settle, and let the node answer. Watch the room in cdc_raw and the spool.' },

  'commit log unknown': { means: 'How Cassandra writes its log could not be learned: defaults are assumed for directory, space and delay.', action: 'Give the rights that the fix names.' },
  'latency floor is high': { means: 'Cassandra shows its changes only after so long: no agent can be faster. Nothing is wrong otherwise.', action: 'Lower `commitlog_sync_period` if that delay matters.' },
  'file refused': { means: 'A file in cdc_raw, the spool or quarantine is not what Cassandra writes there (`reason`); it is neither read nor deleted.', action: 'Find out who put it there, and remove it. A segment that is refused wrongly is not published.' },
  'segment corrupt': { means: 'Bytes of a segment are damaged. Under `skip_section` the damaged part is lost to consumers and a gap event says so; under `stop` the agent ends before it. The file is kept at `kept`.', action: 'Check the disk. Look up `code` among damaged segments above, and look with `cassandra-cdc-agent inspect`.' },
  'entry undecodable': { means: 'An entry is whole but does not decode by the schema known for its position. Under `stop` the agent ends before it; under `skip_section` it is kept in `unknown` below the state directory, not published, and a gap event says so.', action: 'Keep the segment and report it with this line.' },
  'files not moved': { means: 'Segments that are read can\'t be deleted or moved, so that cdc_raw keeps filling. Publishing goes on.', action: 'Follow the fix: mostly rights (`cassandra-cdc-agent-rights`) or room.' },
  gap: { means: 'Changes between `from` and `to` were not published by this agent and will not be, or perhaps (see `reason`). A gap event in the control topic says the same to consumers.', action: 'Compare the tables with their consumers, or snapshot them again; remove the cause that `reason` names.' },
  'cdc_raw filling': { means: 'At the rate of the last minutes cdc_raw is full after `full_in`: then Cassandra refuses writes to CDC tables, or deletes the oldest segment with `cdc_block_writes: false`.', action: 'Bring Kafka back, or raise `source.spool.limit` and reload, or `cdc_total_space`.' },
  'spool full': { means: 'The spool is at its limit. Policy `block`: segments stay in cdc_raw, and Cassandra refuses writes once that is full. Policy `gap`: the same, and the oldest are given up before it is full.', action: 'Bring Kafka back, or raise `source.spool.limit` and reload.' },

  'value not json': { means: 'A value of a column that is published as JSON is no JSON: it is published as text. Nothing is lost.', action: 'Correct what writes the column, or take it off the list of JSON columns.' },

  'kafka unavailable': { means: 'No broker answers. Segments wait in cdc_raw and the spool; the agent tries on by itself.', action: 'Bring the brokers back, before the room on the host runs out.' },
  'kafka refused': { means: 'Kafka does not accept the login, the certificate or a right. Segments wait; the agent tries on by itself.', action: 'Follow the fix: password, certificate, token or ACL. No restart is needed when a file or ACL changes; a password in the configuration needs one.' },
  'topic missing': { means: 'A topic does not exist and may not be created. Everything waits, also for other topics.', action: 'Create it, or set `kafka.topics.create: true` and restart.' },
  'transaction aborted': { means: 'A transaction did not commit. Its events are published again, from the stored position; consumers with read_committed see them once.', action: 'Nothing when it ends by itself; otherwise look at the brokers, with the code of the line.' },
  'event dead lettered': { means: 'An event was larger than its topic takes: it went to the dead-letter topic, in pieces.', action: 'Raise `max.message.bytes` of the topic if consumers need such events.' },
  'another agent has this id': { means: 'Two agents publish as one node. This one ends with status 78, so that the other can work.', action: 'Stop one of them; start this one when it is the right one.' },

  'checkpoint not written': { means: 'The guard file in the state directory is old. The position itself is in Kafka: publishing goes on, nothing is lost.', action: 'Make room, or give rights, in the state directory.' },

  'http unavailable': { means: 'Metrics and health are not served; publishing goes on, and listening is tried again.', action: 'Free the address or correct `http.listen`, or put the certificate in place.' },
  'http caller refused': { means: 'Somebody asked for metrics or health without the right bearer token.', action: 'Give the scraper the token; if it is none of yours, restrict who reaches the port.' },
};
