/** Executes a workload against a node, one statement after the other, with fixed write times. */
import { policies, types, type Client } from 'cassandra-driver';
import type { CassandraNode } from '../lab/index.js';
import { FIRST_TIMESTAMP, type Step, type Steps } from './workload/step.js';

export interface Outcome {
  readonly executed: number;
  /** Statements that this version refuses, as the workload expects of some. */
  readonly refused: readonly { readonly cql: string; readonly answer: string }[];
}

/** A millisecond per statement from `first` on; nobody else writes. */
class FixedTimestamps extends policies.timestampGeneration.MonotonicTimestampGenerator {
  #next: number;

  constructor(first: number) {
    super(0, 0);
    this.#next = first;
  }

  override next(_client: Client): types.Long {
    const timestamp = types.Long.fromNumber(this.#next);
    this.#next += 1000;
    return timestamp;
  }
}

export interface RunOptions {
  /** Write time of the first statement in microseconds; `clock`: the time of day. */
  readonly timestamps?: number | 'clock';
}

export async function runWorkload(node: CassandraNode, steps: Steps, { timestamps = FIRST_TIMESTAMP }: RunOptions = {}): Promise<Outcome> {
  const policy = timestamps === 'clock' ? {} : { policies: { timestampGeneration: new FixedTimestamps(timestamps) } };
  const client = await node.client({ isMetadataSyncEnabled: false, ...policy });
  const refused: { cql: string; answer: string }[] = [];
  let executed = 0;
  for (const each of steps) {
    const step: Step = typeof each === 'string' ? { cql: each } : each;
    try {
      await client.execute(step.cql, step.params === undefined ? undefined : [...step.params], { prepare: step.params !== undefined });
      executed++;
    } catch (error) {
      const answer = (error as Error).message;
      if (step.mayFail === undefined) throw new Error(`the node refuses a statement of the workload: ${answer}\n${step.cql.slice(0, 500)}`, { cause: error });
      refused.push({ cql: step.cql, answer });
    }
  }
  return { executed, refused };
}
