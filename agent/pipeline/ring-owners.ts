/** Which copies are published, for the live log: the ring is watched, and judged as of the time of the append. */
import { formatPosition, type CommitLogPosition, type SchemaView } from '../../parsers/index.js';
import type { CassandraSession } from '../cassandra/session.js';
import type { AgentConfig } from '../config/declaration.js';
import { loadEpochs } from '../ring/epoch-file.js';
import type { Epochs } from '../ring/epochs.js';
import { Ownership } from '../ring/ownership.js';
import type { Ring } from '../ring/ring.js';
import { isReplacement } from '../ring/replacement.js';
import { RingWatch } from '../ring/ring-watch.js';
import type { SectionOwnership } from '../ring/section-ownership.js';
import type { AppendBounds } from '../ring/timeline.js';
import type { SchemaFollower } from '../schema/schema-follower.js';
import { QUIET_MS } from '../source/live/live-clock.js';
import type { Directories } from './directories.js';
import { encryptionKeyOf } from './encryption-key.js';
import { findJoinEnd } from './join-scan.js';
import type { Owners } from './owners.js';
import type { Reports } from './reports.js';

export interface RingOwnersOptions {
  readonly session: CassandraSession;
  readonly config: AgentConfig;
  readonly hostId: string;
  readonly reports: Reports;
}

export class RingOwners implements Owners {
  readonly #reports: Reports;
  readonly #mode: 'owner' | 'all';
  readonly #epochs: Epochs;
  readonly #ownership: Ownership;
  readonly #watch: RingWatch;
  readonly #session: CassandraSession;
  readonly #config: AgentConfig;
  #section: SectionOwnership | undefined;
  /** When somebody wanted to know who owns what, ms since 1970. */
  #askedAt = Date.now();
  #isHeld = false;
  #isTold = false;
  /** Keyspaces with captured tables. */
  #keyspaces: ReadonlySet<string> = new Set();
  #keyspaceChanges = -1;

  private constructor({ session, config, reports }: RingOwnersOptions, epochs: Epochs) {
    const { mode, datacenter } = config.ownership;
    this.#reports = reports;
    this.#session = session;
    this.#config = config;
    this.#mode = mode;
    this.#epochs = epochs;
    this.#ownership = new Ownership({ mode, datacenter, epochs, now: Date.now });
    this.#watch = new RingWatch({
      session, epochs, directory: config.state_directory, isQuiet: () => this.#isQuiet,
      listener: {
        changed: () => this.#changed(),
        left: () => reports.happenings.report('node left the ring', { fix: 'let the agent run until `cassandra-cdc-agent status` shows no lag, then stop it: started again, it would wait for the node' }),
        failed: ({ error }) => reports.happenings.report('ring not read', { error, fix: error.fix }),
        notSaved: (error) => reports.happenings.report('ring epochs not written', { error }),
      },
    });
  }

  /** Waits for the first ring. In mode `all` no ring is needed, and none is read. */
  static async start(options: RingOwnersOptions, signal: AbortSignal): Promise<RingOwners> {
    const { session, config, hostId } = options;
    const owners = new RingOwners(options, await loadEpochs(config.state_directory, hostId));
    if (config.ownership.mode === 'owner') await session.untilAnswered(() => owners.#watch.start(signal), signal);
    return owners;
  }

  /** Until the signal. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#mode === 'owner') await this.#watch.run(signal);
  }

  /** Reading begins: throws ConfigError when a keyspace's changes could only be held. */
  begin(follower: SchemaFollower): void {
    this.#keyspaceChanges = -1;
    this.schemaMoved(follower, 0);
    this.#ownership.assertDecidable(this.#keyspaces);
    const { ownedShare } = this.#ownership.view(this.#keyspaces);
    if (!this.#isTold) this.#reports.happenings.report('ownership computed', { mode: this.#mode, owned_share: ownedShare });
    this.#isTold = true;
    this.#know();
  }

  schemaMoved({ tracker }: SchemaFollower, fromMs: number): void {
    this.#keyspaces = new Set([...tracker.tables()].filter(({ isCdc, isView }) => isCdc && !isView).map(({ keyspace }) => keyspace));
    if (tracker.keyspaceChanges === this.#keyspaceChanges) return;
    this.#keyspaceChanges = tracker.keyspaceChanges;
    this.#epochs.observeReplication(tracker.replication(), fromMs);
    this.#know();
  }

  at(bounds: AppendBounds): ReturnType<Owners['at']> {
    if (this.#isQuiet) this.#watch.hint();
    this.#askedAt = Date.now();
    const section = this.#ownership.at(bounds);
    this.#section = section;
    return {
      decide: (mutation, table) => section.decideMutation(mutation, table),
      surelyPublished: (mutation, table) => section.surelyPublished(mutation, table),
    };
  }

  get #isQuiet(): boolean {
    return Date.now() - this.#askedAt > QUIET_MS;
  }

  get joined(): CommitLogPosition | null {
    return this.#mode === 'all' ? null : this.#epochs.joined;
  }

  /** Before the first read of this node's log, whose schema is given: where its bootstrap ended. */
  async findJoin(schema: SchemaView, { raw, spool }: Directories, signal: AbortSignal): Promise<void> {
    const { joinedAtMs } = this.#epochs;
    if (this.#mode === 'all' || joinedAtMs === null || (await isReplacement(this.#session, signal)) !== false) return;
    const joined = await findJoinEnd({ directories: spool === undefined ? [raw] : [raw, spool], schema, joinedAtMs, key: encryptionKeyOf(this.#config.source) });
    if (joined === null) return;
    this.#epochs.leaveOut(joined);
    this.#reports.happenings.report('history left out', { until: formatPosition(joined), joined: new Date(joinedAtMs).toISOString() });
  }

  get settledBeforeMs(): number {
    return this.#mode === 'all' ? Infinity : this.#epochs.settledBeforeMs;
  }

  rejudgement(): ReturnType<Owners['rejudgement']> {
    return this.#ownership.rejudgement();
  }

  settle(ring: Ring): void {
    this.#epochs.settle(ring);
    // To be remembered soon: a start before that would publish it once more.
    this.#watch.hint();
  }

  held(keyspace: string): void {
    const reason = this.#section?.holdReason(keyspace) ?? 'ring_unknown';
    if (reason === 'refused') this.#ownership.assertDecidable([keyspace]);
    this.#isHeld = true;
    this.#reports.happenings.report('changes held', { keyspace, reason });
  }

  released(): void {
    if (this.#isHeld) this.#reports.happenings.over('changes held');
    this.#isHeld = false;
  }

  #changed(): void {
    const { ringChanges, nodes, ownedShare } = this.#ownership.view(this.#keyspaces);
    this.#reports.happenings.report('ring changed', { epoch: ringChanges, nodes, owned_share: ownedShare });
    this.#know();
  }

  #know(): void {
    const { mode, ownedShare, ringChanges, nodes } = this.#ownership.view(this.#keyspaces);
    this.#reports.status.know({ ownership: { mode, owned_share: ownedShare, ring_epoch: ringChanges, nodes } });
  }
}
