/** The world as the checks see it: each can be put in by a test. */
import type { NodeInfo } from '../cassandra/node-info.js';
import type { NodeSettings } from '../cassandra/settings.js';
import type { SystemSchemaRows } from '../../parsers/index.js';

export interface FileStatus {
  readonly isDirectory: boolean;
  readonly mode: number;
  readonly uid: number;
  readonly size: number;
  /** Filesystem and mount: a rename works within both only. */
  readonly filesystem: string;
}

/** Paths are absolute. Errors are those of node:fs, with their code. */
export interface FilesPort {
  /** null: there is nothing of this name. */
  status(path: string): Promise<FileStatus | null>;
  may(path: string, right: 'read' | 'write' | 'search'): Promise<boolean>;
  list(directory: string): Promise<readonly string[]>;
  read(path: string): Promise<string>;
  space(path: string): Promise<{ readonly free: number; readonly total: number }>;
}

/** The node; rejects with OperatorError. */
export interface NodePort {
  info(): Promise<NodeInfo>;
  /** null: the role may not see them. */
  settings(): Promise<NodeSettings | null>;
  schema(): Promise<SystemSchemaRows>;
  /** Its clock, ms since 1970. */
  now(): Promise<number>;
}

export interface KafkaTopic {
  readonly name: string;
  readonly exists: boolean;
  readonly isDenied: boolean;
  readonly partitions: number;
  readonly mayWrite: boolean | null;
  readonly mayRead: boolean | null;
  readonly maxMessageBytes: number | null;
}

export interface KafkaAnswers {
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly topics: readonly KafkaTopic[];
  readonly mayCreateTopics: boolean | null;
  readonly mayReadGroup: boolean | null;
  readonly transactionalId: 'allowed' | 'denied' | 'timeout too long' | 'unknown';
}

export interface KafkaQuestion {
  readonly transactionalId: string | null;
  readonly topics: readonly string[];
}

export interface KafkaPort {
  /** `node` null: not known. The formulas are the publisher's. */
  transactionalIdOf(node: { readonly clusterName: string; readonly hostId: string }): string;
  positionTopic(): string;
  controlTopic(): string;
  deadLetterTopic(): string;
  /** Rejects with OperatorError. */
  ask(question: KafkaQuestion): Promise<KafkaAnswers>;
}

export interface Certificate {
  readonly subject: string;
  /** ms since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface CertificatePort {
  /** Of a TLS server, trusted or not; null when it gives none. */
  ofServer(host: string, port: number): Promise<Certificate | null>;
  /** In PEM text; empty when there is none in it. */
  inPem(text: string): readonly Certificate[];
}

export interface CheckPorts {
  readonly files: FilesPort;
  readonly node: NodePort;
  readonly kafka: KafkaPort;
  readonly certificates: CertificatePort;
  /** Why the agent can't tell who has a replica of a keyspace; null: it can. `options` as system_schema.keyspaces has them. */
  readonly replicationProblem: (keyspace: string, options: Readonly<Record<string, string>>) => { readonly message: string; readonly fix: string } | null;
  readonly user: { readonly name: string; readonly uid: number };
  /** Addresses of this host. */
  readonly addresses: readonly string[];
  readonly now: () => number;
}
