/**
 * The agent on a running node: a list of steps, each of which may wait, then the delivery until the signal. Watch cdc_raw,
 * read commit-log segments, keep the mutations this node owns, turn them into row-change events, publish them, remember
 * how far.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { formatPosition, type CommitLogPosition } from '../../parsers/index.js';
import { commitLogModeOf, visibleWithinMs } from '../cassandra/commit-log-mode.js';
import { sessionOptionsOf } from '../cassandra/session-options.js';
import { CassandraSession } from '../cassandra/session.js';
import { CheckpointStore } from '../checkpoint/checkpoint-store.js';
import { checkCheckpoint, checkStart } from '../checkpoint/start-guard.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { AgentConfig } from '../config/declaration.js';
import { TableSelection } from '../events/capture.js';
import { RepeatWindow } from '../events/repeat-window.js';
import { Tally } from '../events/tally.js';
import { Delivery, type TransactionLimits } from '../publisher/kafka/delivery.js';
import { KafkaPublisher } from '../publisher/kafka/kafka-publisher.js';
import { positionTopicOf, transactionalIdOf } from '../publisher/kafka/options.js';
import type { StoredPosition } from '../publisher/kafka/port.js';
import { SchemaFollower } from '../schema/schema-follower.js';
import { SchemaHistory } from '../schema/schema-history.js';
import { UnknownEntries } from '../schema/unknown-entries.js';
import { JsonSerializer } from '../serializer/json-serializer.js';
import type { SourceIdentity } from '../serializer/serializer.js';
import { lockStateDirectory, type StateLock } from '../service/lock.js';
import { LiveSource } from '../source/live/live-source.js';
import { LEDGER_FILE } from '../source/live/segment-ledger.js';
import { watchDirectory } from '../source/live/watch.js';
import { VERSION } from '../version.js';
import { controlTopicOf } from './control-events.js';
import { openDirectories, openStateDirectory, totalSpaceOf, type Directories } from './directories.js';
import { spoolingMeanwhile } from './early-spool.js';
import { encryptionKeyOf } from './encryption-key.js';
import { eventFeaturesOf, tableSelectionOf } from './event-options.js';
import { kafkaOptionsOf } from './kafka-options.js';
import { LiveLog } from './live-log.js';
import { liveFactsOf } from './live-facts.js';
import { schemaSourceOf, startNode, type StartedNode } from './node-start.js';
import { RingOwners } from './ring-owners.js';
import { logListener, publisherListener, schemaListener, sessionListener, sourceListener, type Reports } from './reports.js';

/** Above this the operator should know that he can have less. */
const HIGH_FLOOR_MS = 1000;
/** A stop is over in ten seconds: so long may the last transaction take. */
const STOP_MS = 7000;
const PRUNE_MS = 30_000;
/** So much later than it should a busy node may write its sync marker. */
const SLOW_SYNC_MS = 5000;

export class Agent {
  config: AgentConfig;
  /** The state directory is ours. */
  onLocked: () => Promise<void> = () => Promise.resolve();
  /** The first position was read. */
  onReady: () => void = () => undefined;
  readonly tally = new Tally();
  readonly #selection: TableSelection;
  readonly #reports: Reports;
  readonly #session: CassandraSession;
  #lock: StateLock | undefined;
  #source: LiveSource | undefined;
  #delivery: Delivery | undefined;
  #log: LiveLog | undefined;
  /** Newest in Kafka. */
  #committed: StoredPosition | undefined;
  #prunedAt = 0;

  constructor(config: AgentConfig, reports: Reports) {
    this.config = config;
    this.#reports = reports;
    this.#selection = new TableSelection(tableSelectionOf(config.tables));
    this.#session = new CassandraSession(sessionOptionsOf(config.cassandra), { listener: sessionListener(reports) });
  }

  get committed(): StoredPosition | undefined {
    return this.#committed;
  }

  /** Until the signal, and then until what is in hand is committed. Rejects with what waiting can't mend. */
  async run(signal: AbortSignal): Promise<void> {
    const { config } = this;
    openStateDirectory(config.state_directory);
    this.#lock = await lockStateDirectory(config.state_directory);
    const closing = new AbortController();
    try {
      await this.onLocked();
      const node = await spoolingMeanwhile(config, () => startNode(this.#session, config.cassandra.config_file, signal));
      const directories = openDirectories(config, node.settings);
      this.#tellNode(node, directories);
      const source = this.#openSource(directories, node, await totalSpaceOf(directories.raw, node.settings));
      this.#source = source;
      watchDirectory(directories.raw, () => source.directory.hint(), closing.signal);
      const upkeep = source.upkeep(closing.signal);
      const owners = await RingOwners.start({ session: this.#session, config, hostId: node.info.hostId, reports: this.#reports }, signal);
      const watching = owners.run(closing.signal);
      await this.#deliver({ node, directories, source, owners }, signal);
      closing.abort();
      await Promise.all([upkeep, watching]);
    } catch (error) {
      if (!signal.aborted || (error as Error).name !== 'AbortError') throw error;
    } finally {
      closing.abort();
      this.#source?.close();
      await this.#session.close();
      await this.#lock.release();
    }
  }

  /** Takes over what can be changed without a restart. */
  reload(config: AgentConfig): void {
    const { source: { poll_interval: poll, on_corruption: policy, spool: { limit, when_full: whenFull } }, kafka: { transaction } } = config;
    this.config = config;
    this.#selection.replace(tableSelectionOf(config.tables));
    if (this.#source !== undefined) {
      this.#source.pollInterval = poll;
      this.#source.onCorruption = policy;
      if (this.#source.spool !== undefined) this.#source.spool.settings = { ...this.#source.spool.settings, limit, whenFull };
    }
    if (this.#delivery !== undefined) this.#delivery.limits = limitsOf(transaction);
  }

  #openSource({ raw, spool, quarantine, owner }: Directories, { settings }: StartedNode, rawLimit: number | null): LiveSource {
    const { source, state_directory: state } = this.config;
    const { limit, when_full: whenFull } = source.spool;
    return new LiveSource({
      raw, quarantine, ledger: join(state, LEDGER_FILE),
      spool: spool === undefined ? undefined : { directory: spool, limit, whenFull }, rawLimit: rawLimit ?? undefined,
      key: encryptionKeyOf(source), durability: source.durability, onCorruption: source.on_corruption, pollInterval: source.poll_interval, unlinksUnread: settings?.cdcBlockWrites === false,
      ...(owner === undefined ? {} : { owner }),
      listener: sourceListener(this.#reports, () => ({ onCorruption: this.config.source.on_corruption, whenFull: this.config.source.spool.when_full })),
    });
  }

  async #deliver({ node, directories, source, owners }: { readonly node: StartedNode; readonly directories: Directories; readonly source: LiveSource; readonly owners: RingOwners }, signal: AbortSignal): Promise<void> {
    const { events: { prefix }, kafka, state_directory: state } = this.config;
    const { hostId, clusterName: cluster, datacenter } = node.info;
    const transactionalId = transactionalIdOf({ prefix, cluster, hostId });
    this.#reports.status.know({ transactional_id: transactionalId });
    const store = new CheckpointStore(state);
    const checkpoint = checkCheckpoint({ checkpoint: await store.load(), previous: await store.load(store.previousPath).catch(() => null), path: store.path, hostId, transactionalId });
    const publisher = new KafkaPublisher({
      kafka: await kafkaOptionsOf(kafka), transactionalId, positionTopic: positionTopicOf(prefix), instance: randomUUID(),
      transactionTimeoutMs: kafka.transaction.timeout, compression: kafka.compression,
      oversize: kafka.on_oversized_event === 'dead_letter' ? { policy: 'dead_letter', topic: `${prefix}.dead_letter` } : { policy: 'stop' },
      topics: { create: kafka.topics.create, partitions: kafka.topics.partitions, replicationFactor: kafka.topics.replication_factor, config: Object.fromEntries(kafka.topics.config) },
    }, publisherListener(this.#reports, transactionalId));
    const repeats = new RepeatWindow({ now: () => performance.now() });
    const log = await this.#openLog({ source, directories, owners, repeats, identity: { cluster, datacenter, hostId }, checkpoint, transactionalId, state });
    this.#log = log;
    if (node.settings !== null) log.times.visibleWithinMs = visibleWithinMs(node.settings, this.config.source.durability) + SLOW_SYNC_MS;
    this.#delivery = new Delivery({
      publisher, source: log, limits: limitsOf(kafka.transaction), needs: () => log.needs(),
      onCommitted: (stored) => this.#onCommitted(stored, store, { hostId, transactionalId }),
    });
    const limit = await totalSpaceOf(directories.raw, node.settings);
    this.#reports.status.live = () => liveFactsOf({ log, source, tally: this.tally, directories, limit, committed: this.#committed });
    this.#reports.metrics.tally = () => this.tally;
    const onAbort = (): void => void setTimeout(() => publisher.discard(), STOP_MS).unref();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#delivery.run(signal);
      await store.flush();
    } finally {
      signal.removeEventListener('abort', onAbort);
      await publisher.close();
    }
  }

  async #openLog({ source, directories, owners, repeats, identity, checkpoint, transactionalId, state }: { readonly source: LiveSource; readonly directories: Directories; readonly owners: RingOwners; readonly repeats: RepeatWindow; readonly identity: SourceIdentity; readonly checkpoint: Checkpoint | null; readonly transactionalId: string; readonly state: string }): Promise<LiveLog> {
    const { events, kafka } = this.config;
    const history = await SchemaHistory.open(join(state, 'schema'));
    const schemaSource = schemaSourceOf(this.#session);
    let isFirst = true;
    const beginAgain = async (from: CommitLogPosition, signal: AbortSignal): Promise<SchemaFollower> => {
      const follower = await SchemaFollower.start({ history, source: schemaSource, listener: schemaListener(this.#reports) }, from, signal);
      owners.begin(follower);
      return follower;
    };
    const begin = async (stored: StoredPosition | null, from: CommitLogPosition, signal: AbortSignal): Promise<SchemaFollower> => {
      if (isFirst) checkStart(checkpoint, stored);
      const follower = await beginAgain(from, signal);
      if (stored === null) await owners.findJoin(follower.schema, directories, signal);
      this.#committed = stored ?? undefined;
      this.#reports.metrics.latency.rewound();
      if (isFirst) this.#tellStart({ stored, source, transactionalId, brokers: kafka.brokers.length, follower });
      isFirst = false;
      this.onReady();
      return follower;
    };
    const log = new LiveLog({
      source, repeats, begin, beginAgain, tally: this.tally, owners, unknown: await UnknownEntries.open(join(state, 'unknown')),
      selection: this.#selection, tombstones: events.tombstones, dropLate: this.config.ownership.late_policy === 'drop', transaction: () => limitsOf(this.config.kafka.transaction),
      serializer: new JsonSerializer({
        topic: events.topic, values: events.values, version: VERSION, source: identity,
        features: eventFeaturesOf(this.config, (table, column) => this.#reports.happenings.report('value not json', { table, column })),
      }),
      control: { topic: controlTopicOf(events.prefix), source: identity },
      onTaken: ({ segment, position }, taken) => this.#reports.metrics.latency.taken(segment, position, taken),
      listener: logListener(this.#reports), now: Date.now, sleep: pause,
    });
    log.lateAfterMs = this.config.ownership.late_after;
    return log;
  }

  #onCommitted(stored: StoredPosition, store: CheckpointStore, { hostId, transactionalId }: { readonly hostId: string; readonly transactionalId: string }): void {
    const { happenings } = this.#reports;
    this.#committed = stored;
    this.#log?.committed();
    const { segment, position, index, events, instance, low } = stored;
    this.#source?.committed({ segment, position, index }, low === null ? undefined : { ...low, index: 0 });
    // Not waited for: it is a guard, and the next transaction shall not stand behind a slow disk.
    store.offer({ hostId, transactionalId, segment, position, index, events, instance, savedAt: new Date().toISOString(), extra: {} })
      .then(() => happenings.over('checkpoint not written'), (error: unknown) => happenings.report('checkpoint not written', { file: store.path, error }));
    if (Date.now() - this.#prunedAt < PRUNE_MS) return;
    this.#prunedAt = Date.now();
    this.#log?.follower?.prune(low ?? stored).catch(() => undefined);
  }

  #tellNode({ info, settings, cdcTables }: StartedNode, { raw }: Directories): void {
    const { happenings, status } = this.#reports;
    const { releaseVersion: version, hostId: host_id, datacenter, clusterName: cluster, tokens } = info;
    happenings.report('cassandra connected', { version, host_id, datacenter, tokens: tokens.length, cdc_tables: cdcTables });
    status.know({ cluster, datacenter, host_id, cassandra_version: version });
    status.enter('starting');
    if (settings === null) return happenings.report('commit log unknown', { directory: raw, fix: 'GRANT SELECT ON KEYSPACE system_views to the agent\'s role, or let it read cassandra.config_file' });
    const { mode, sync, latencyFloorMs } = commitLogModeOf(settings);
    happenings.report('commit log', { mode, sync, latency_floor: latencyFloorMs });
    if (latencyFloorMs > HIGH_FLOOR_MS) happenings.report('latency floor is high', { latency_floor: latencyFloorMs, fix: 'set commitlog_sync_period: 200ms in cassandra.yaml' });
    status.know({ commit_log: { mode, sync, latency_floor_seconds: latencyFloorMs / 1000 } });
  }

  #tellStart({ stored, source, transactionalId, brokers, follower }: { readonly stored: StoredPosition | null; readonly source: LiveSource; readonly transactionalId: string; readonly brokers: number; readonly follower: SchemaFollower }): void {
    const { happenings } = this.#reports;
    const behind = source.behind();
    happenings.report('position restored', { position: stored === null ? 'none: from the oldest segment' : formatPosition(stored), behind_segments: behind.segments, behind_bytes: behind.bytes });
    const topics = [...follower.tracker.tables()].filter(({ isCdc, isView }) => isCdc && !isView).length;
    happenings.report('kafka connected', { brokers, topics, transactional_id: transactionalId });
  }
}

/** A pause is short: whoever wants the agent to stop waits for its end, and no listener comes and goes fifty times a second. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}

function limitsOf({ interval: intervalMs, max_events: maxEvents, max_bytes: maxBytes }: AgentConfig['kafka']['transaction']): TransactionLimits {
  return { intervalMs, maxEvents, maxBytes };
}
