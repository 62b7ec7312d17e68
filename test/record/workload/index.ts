/** The whole workload, in order. */
import { batches } from './batches.js';
import { clustering } from './clustering.js';
import { collections } from './collections.js';
import { deletions } from './deletions.js';
import { liveness } from './liveness.js';
import { schemaChanges } from './schema-changes.js';
import { special } from './special.js';
import type { Context, Steps } from './step.js';
import { types } from './types.js';
import { wide } from './wide.js';

const REPLICATION = "replication = {'class': 'SimpleStrategy', 'replication_factor': 1}";

export function* workload(context: Context): Steps {
  yield `CREATE KEYSPACE rec WITH ${REPLICATION}`;
  yield `CREATE KEYSPACE rec2 WITH ${REPLICATION}`;
  yield* types(context);
  yield* collections();
  yield* clustering();
  yield* deletions();
  yield* liveness();
  yield* batches();
  yield* wide();
  yield* special(context);
  yield* schemaChanges();
}

/** A little more on the same tables, for the copies of a node that runs, is killed and comes back. */
export function* afterwards(round: number): Steps {
  const k = 1000 + round;
  for (let c = 0; c < 20; c++) yield `INSERT INTO rec.pair_cdc (k, c, v) VALUES (${k}, ${c}, 'afterwards ${c}')`;
  yield `DELETE FROM rec.pair_cdc WHERE k = ${k} AND c > 10`;
  yield `INSERT INTO rec.pair_plain (k, c, v) VALUES (${k}, 1, 'without cdc')`;
  yield `UPDATE rec.collections SET m['z'] = 26, s = s + {'after'} WHERE k = ${k} AND c = 1`;
  yield `DELETE FROM rec.deletions WHERE k = ${k}`;
}

/** Written in less than the time between two markers: some of it stands behind the last one. */
export function* justBeforeTheEnd(): Steps {
  for (let c = 0; c < 200; c++) yield `INSERT INTO rec.pair_cdc (k, c, v) VALUES (2000, ${c}, 'the end')`;
}
