/**
 * A keyspace's replication options, as system_schema.keyspaces holds them: `{class: …, <options>}`. Mirrors
 * org.apache.cassandra.locator.ReplicationFactor and the options of the strategies.
 */

/** `3`, or `3/1`: three replicas, one of them transient. */
export interface ReplicationFactor {
  readonly all: number;
  /** Replicas that keep their data for good: only they publish. */
  readonly full: number;
}

export type Replication =
  | { readonly strategy: 'SimpleStrategy'; readonly factor: ReplicationFactor }
  /** By datacenter; none with a factor of 0. */
  | { readonly strategy: 'NetworkTopologyStrategy'; readonly factors: ReadonlyMap<string, ReplicationFactor> }
  | { readonly strategy: 'LocalStrategy' }
  | { readonly strategy: 'EverywhereStrategy' }
  /** `problem`: why nobody can say who has a replica, as half a sentence. */
  | { readonly strategy: 'unknown'; readonly problem: string };

export type ReplicationOptions = Readonly<Record<string, string>>;

const PACKAGE = 'org.apache.cassandra.locator.';
const FACTOR = /^(\d{1,5})(?:\/(\d{1,5}))?$/;

export function parseReplication(options: ReplicationOptions): Replication {
  const { class: className = '', ...rest } = options;
  const strategy = className.startsWith(PACKAGE) ? className.slice(PACKAGE.length) : className;
  switch (strategy) {
    case 'LocalStrategy':
    case 'EverywhereStrategy':
      return { strategy };
    case 'SimpleStrategy': {
      const factor = parseFactor(rest['replication_factor'] ?? '');
      return factor === null ? unreadable('replication_factor', rest['replication_factor']) : { strategy, factor };
    }
    case 'NetworkTopologyStrategy': {
      const factors = new Map<string, ReplicationFactor>();
      for (const [datacenter, text] of Object.entries(rest)) {
        const factor = parseFactor(text);
        if (factor === null) return unreadable(datacenter, text);
        if (factor.all > 0) factors.set(datacenter, factor);
      }
      return { strategy, factors };
    }
    default:
      return { strategy: 'unknown', problem: `has the replication strategy ${className === '' ? '(none)' : className}, which the agent does not know` };
  }
}

export interface ReplicationProblem {
  readonly message: string;
  readonly fix: string;
}

/** Why nobody can say who has a replica of the keyspace; null when the strategy and its options are known. */
export function replicationProblem(keyspace: string, replication: Replication): ReplicationProblem | null {
  if (replication.strategy !== 'unknown') return null;
  return { message: `keyspace ${keyspace} ${replication.problem}`, fix: `leave its tables out (tables.exclude: ["${keyspace}.*"]), or set ownership.mode to all on every agent` };
}

function parseFactor(text: string): ReplicationFactor | null {
  const [, all, transient = '0'] = FACTOR.exec(text) ?? [];
  if (all === undefined || (Number(transient) > 0 && Number(transient) >= Number(all))) return null;
  return { all: Number(all), full: Number(all) - Number(transient) };
}

function unreadable(option: string, text: string | undefined): Replication {
  return { strategy: 'unknown', problem: `has the replication option ${option}: ${text ?? '(none)'}, which is no replication factor` };
}
