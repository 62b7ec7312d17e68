/** The releases that the lab knows. */
import { LabError } from './errors.js';

export const CASSANDRA_VERSIONS = ['4.0.15', '4.1.8', '5.0.6'] as const;
export const KAFKA_VERSION = '4.1.0';

export type CassandraVersion = (typeof CASSANDRA_VERSIONS)[number];

/** `5.0.6`, or its series `5.0`. */
export function cassandraVersion(text: string): CassandraVersion {
  const found = CASSANDRA_VERSIONS.find((version) => version === text || version.startsWith(`${text}.`));
  if (found === undefined) throw new LabError(`Cassandra ${text} is not known here`, `use one of ${CASSANDRA_VERSIONS.join(', ')}`);
  return found;
}
