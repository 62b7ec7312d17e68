/** The raw contract of `inspect --dump` as Cassandra's own commit-log reader gives it (test/oracle/java/CommitLogDump.java). */
import type { CassandraVersion } from '../lab/versions.js';
import { runJavaLines, type JavaRun } from './java.js';

export interface CommitLogDumpOptions {
  readonly version: CassandraVersion;
  readonly segments: readonly string[];
  /** A stopped node's data directory (its system_schema sstables are read), or a copy of it; or the rows of system_schema. */
  readonly schema: { readonly data: string } | { readonly file: string };
  /** Tables that the schema file lacks count as unknown, the system's own too. */
  readonly onlySchemaTables?: boolean;
  /** A JCEKS keystore for encrypted segments; store and key have this password (`cassandra` by default). */
  readonly keystore?: { readonly file: string; readonly password?: string };
  /** storage_compatibility_mode of the node that wrote (5.0): NONE for descriptor version 8. By default taken from the names. */
  readonly compatibility?: 'CASSANDRA_4' | 'UPGRADING' | 'NONE';
  readonly jars?: string;
}

/** Lines in file then position order, the `sum` line last. */
export function commitLogDump(options: CommitLogDumpOptions): AsyncGenerator<string, void, undefined> {
  const { keystore, schema } = options;
  const isVersion8 = options.segments.some((path) => /CommitLog-8-\d+\.log$/.test(path));
  const java: JavaRun = {
    version: options.version,
    main: 'CommitLogDump',
    // Short runs: the first compiler is enough.
    jvm: ['-XX:TieredStopAtLevel=1'],
    args: [
      ...('data' in schema ? ['--data', schema.data] : ['--schema', schema.file]),
      ...(options.onlySchemaTables === true ? ['--only-schema-tables'] : []),
      ...(keystore === undefined ? [] : ['--keystore', keystore.file, '--keystore-password', keystore.password ?? 'cassandra']),
      '--compatibility', options.compatibility ?? (isVersion8 ? 'NONE' : 'CASSANDRA_4'),
      ...options.segments,
    ],
  };
  return runJavaLines(options.jars === undefined ? java : { ...java, jars: options.jars });
}
