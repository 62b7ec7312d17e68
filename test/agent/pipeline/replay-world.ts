/** A node, its agent, and a replay between two lives of the agent: everything in memory. */
import type { Checkpoint, Parsed } from '../../../agent/checkpoint/checkpoint.js';
import type { ReplayTarget } from '../../../agent/checkpoint/replay-target.js';
import { performReplay, prepareReplay, type PreparedReplay, type ReplayPorts } from '../../../agent/pipeline/replay.js';
import type { FoundPosition } from '../../../agent/publisher/kafka/move-position.js';
import type { StoredPosition } from '../../../agent/publisher/kafka/port.js';
import type { LiveSourceOptions } from '../../../agent/source/live/live-options.js';
import { SegmentLedger } from '../../../agent/source/live/segment-ledger.js';
import { SegmentSurvey } from '../../../agent/source/live/segment-survey.js';
import { DIRECTORIES, LEDGER, ModelAgent, QUARANTINE, SPOOL } from '../source/live/harness.js';
import { MemoryFiles } from '../source/live/memory-files.js';
import { MODEL_KEY, ModelNode, RAW, type Mode, type ModelEntry } from '../source/live/model-node.js';

export class ReplayWorld {
  readonly files = new MemoryFiles(...DIRECTORIES);
  readonly node: ModelNode;
  readonly agent: ModelAgent;
  hostId = 'h1';
  checkpoint: Parsed | null = null;
  /** In front of each change: throwing is a crash. */
  onStep: (what: 'kafka' | 'checkpoint') => void = () => undefined;
  /** In place of what the agent committed. */
  kafka: FoundPosition | undefined;

  constructor(mode: Mode = 'mmap', options: Partial<LiveSourceOptions> = {}) {
    this.node = new ModelNode(this.files, mode);
    this.agent = new ModelAgent(this.files, options);
  }

  found(): FoundPosition {
    if (this.kafka !== undefined) return this.kafka;
    const { position, delivered } = this.agent;
    if (position === undefined) return { position: null, events: null };
    return { position: { ...position, instance: 'agent', low: { segment: 1, position: 1 }, events: delivered.length, extra: { ring: 7 } }, events: delivered.length };
  }

  ports(): ReplayPorts {
    return {
      hostId: this.hostId, transactionalId: 'cdc-c-h1', now: () => Date.parse('2026-01-31T12:00:00Z'),
      kafka: {
        look: () => Promise.resolve(this.found()),
        move: async (decide) => {
          await Promise.resolve();
          this.onStep('kafka');
          const stored = decide(this.found());
          this.kafka = { position: stored, events: stored.events };
          return stored;
        },
      },
      segments: new SegmentSurvey({ raw: RAW, spool: SPOOL, quarantine: QUARANTINE, key: MODEL_KEY, fileSystem: this.files }),
      ledger: { load: () => new SegmentLedger(this.files, LEDGER), remove: () => this.files.remove(LEDGER) },
      checkpoint: {
        load: () => Promise.resolve(this.checkpoint),
        write: async (checkpoint: Checkpoint) => {
          await Promise.resolve();
          this.onStep('checkpoint');
          this.checkpoint = { checkpoint };
        },
      },
    };
  }

  prepare(target: ReplayTarget): Promise<PreparedReplay> {
    return prepareReplay(target, this.ports());
  }

  /** The agent is stopped, the position moved, and the agent started. */
  async replay(target: ReplayTarget): Promise<{ readonly prepared: PreparedReplay; readonly stored: StoredPosition }> {
    this.agent.source.close();
    this.files.crash();
    const prepared = await this.prepare(target);
    const stored = await performReplay(prepared, this.ports());
    this.startAgent();
    return { prepared, stored };
  }

  startAgent(): void {
    const { position } = this.found();
    this.agent.position = position === null ? undefined : { segment: position.segment, position: position.position, index: position.index };
    this.kafka = undefined;
    this.agent.crash();
  }

  /** Entries, each in a segment of its own. */
  segments(count: number): ModelEntry[] {
    for (let n = 0; n < count; n++) {
      this.node.append(true);
      this.node.append(true);
      this.node.sync();
      this.node.roll();
    }
    return this.node.entries.filter(({ isSynced }) => isSynced);
  }

  /** Ids with a name in cdc_raw, the spool or quarantine. */
  present(): Set<number> {
    return new Set([RAW, SPOOL, QUARANTINE].flatMap((root) => this.files.list(root)).flatMap((name) => (name.endsWith('.log') ? [Number(/-(\d+)\.log$/.exec(name)?.[1])] : [])));
  }
}
