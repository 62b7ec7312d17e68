/** Everything the publisher is told, as plain values: files are read and secrets resolved by the configuration. */
import type { Compression } from './compress/codec.js';
import type { TokenSource } from './oauth-token.js';

export interface TlsOptions {
  /** PEM. Absent = the system's authorities. */
  readonly ca?: string;
  /** PEM client certificate and key (mTLS), both or none. */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
  /** Name to check the broker's certificate against, when it is not the host. */
  readonly serverName?: string;
  /** False: any name is taken, as long as the authority is right. */
  readonly verifyHostname?: boolean;
}

export type SaslOptions =
  | { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string }
  | { readonly mechanism: 'oauthbearer'; readonly tokens: TokenSource };

export interface KafkaOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  /** A function is asked again for each producer: certificates are renewed. */
  readonly tls?: TlsOptions | (() => Promise<TlsOptions>);
  readonly sasl?: SaslOptions;
  /** Milliseconds until an answer counts as lost; 5,000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds; 2,000. */
  readonly connectionTimeoutMs?: number;
}

/** With the certificates of the moment. */
export type KafkaLogin = Omit<KafkaOptions, 'tls'> & { readonly tls?: TlsOptions };

export interface TopicOptions {
  /** Create missing topics, or require them to exist. */
  readonly create: boolean;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config: Readonly<Record<string, string>>;
}

export interface PublisherOptions {
  readonly kafka: KafkaOptions;
  readonly transactionalId: string;
  /** Topic of the position: one partition, no data. */
  readonly positionTopic: string;
  /** Milliseconds after which the broker aborts what a dead agent left open; 10,000. */
  readonly transactionTimeoutMs?: number;
  readonly compression?: Compression;
  /** Largest record batch per partition, in bytes before compression; below the topics' max.message.bytes. 1,000,000. */
  readonly maxBatchBytes?: number;
  /** One event over the topic's max.message.bytes: stop, or send it in pieces to this topic. */
  readonly oversize?: { readonly policy: 'stop' } | { readonly policy: 'dead_letter'; readonly topic: string };
  readonly topics: TopicOptions;
  /** `auto`: KIP-890 where the cluster has turned it on. */
  readonly protocol?: 'auto' | 'classic' | 'kip890';
  /** Random per process. */
  readonly instance: string;
  /** A new producer id epoch before a partition's sequence reaches this; 2^31 - 2^24 (tests lower it). */
  readonly sequenceLimit?: number;
}

/** The formula is frozen: whoever changes it loses every stored position. */
export function transactionalIdOf({ prefix, cluster, hostId }: { readonly prefix: string; readonly cluster: string; readonly hostId: string }): string {
  return `${prefix}-${cluster}-${hostId}`;
}

export function positionTopicOf(prefix: string): string {
  return `${prefix}.position`;
}
