/**
 * Requests that kafkajs 2.2.4 lacks or encodes slowly, in the shape its connections send. "Flexible" versions (KIP-482)
 * have tagged fields in the request header (first byte of the body, as kafkajs knows only older headers) and in the
 * response header.
 */
import { BrokerError } from './error-codes.js';
import { ProtocolReader } from './protocol-reader.js';
import { ProtocolWriter } from './protocol-writer.js';

/** What kafkajs' `connectionPool.send` takes. */
export interface WireRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    readonly expectResponse: () => boolean;
    readonly encode: () => Promise<EncodedBody>;
  };
  readonly response: { readonly decode: (payload: Buffer) => Promise<Decoded<T>>; readonly parse: (decoded: Decoded<T>) => Promise<T> };
  readonly logResponseError: boolean;
}

/** As much of kafkajs' Encoder as its connection reads. */
export interface EncodedBody {
  readonly buf: Buffer;
  readonly offset: number;
  readonly buffer: Buffer;
  size(): number;
}

/** kafkajs holds back requests for `clientSideThrottleTime` ms (quotas, KIP-219). */
export interface Decoded<T> {
  readonly value: T;
  readonly clientSideThrottleTime: number;
}

interface RequestOptions<T> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  readonly flexible: boolean;
  /** ApiVersions answers with the old header always. */
  readonly plainAnswer?: boolean;
  readonly body: Buffer;
  readonly read: (reader: ProtocolReader) => { readonly value: T; readonly throttleMs: number };
}

export function wireRequest<T>({ apiKey, apiVersion, apiName, flexible, plainAnswer = false, body, read }: RequestOptions<T>): WireRequest<T> {
  const bytes = flexible ? Buffer.concat([Buffer.from([0]), body]) : body;
  return {
    request: {
      apiKey, apiVersion, apiName,
      expectResponse: () => true,
      encode: () => Promise.resolve({ buf: bytes, offset: bytes.length, buffer: bytes, size: () => bytes.length }),
    },
    response: {
      decode: (payload) => Promise.resolve().then(() => {
        const reader = new ProtocolReader(payload);
        if (flexible && !plainAnswer) reader.tags();
        const { value, throttleMs } = read(reader);
        return { value, clientSideThrottleTime: throttleMs };
      }),
      parse: (decoded) => Promise.resolve(decoded.value),
    },
    logResponseError: false,
  };
}

export interface BrokerFeatures {
  /** Highest version by API key. */
  readonly versions: ReadonlyMap<number, number>;
  /** Finalized level of `transaction.version` (2 = KIP-890 part 2), 0 when the broker has none. */
  readonly transactionVersion: number;
}

const FINALIZED_FEATURES_TAG = 2;

/** ApiVersions v3: which requests the broker takes, and which features the cluster has turned on. */
export function apiVersions(client: { readonly name: string; readonly version: string }): WireRequest<BrokerFeatures> {
  const body = new ProtocolWriter().compactString(client.name).compactString(client.version).noTags().finish();
  return wireRequest<BrokerFeatures>({
    apiKey: 18, apiVersion: 3, apiName: 'ApiVersions', flexible: true, plainAnswer: true, body,
    read: (reader) => {
      const code = reader.int16();
      if (code !== 0) throw new BrokerError(code, 'ApiVersions');
      const versions = new Map<number, number>();
      reader.compactArray(() => {
        const key = reader.int16();
        reader.int16();
        versions.set(key, reader.int16());
        reader.tags();
      });
      const throttleMs = reader.int32();
      let transactionVersion = 0;
      reader.tags((tag, field) => {
        if (tag !== FINALIZED_FEATURES_TAG) return;
        field.compactArray(() => {
          const name = field.compactString();
          const highest = field.int16();
          field.int16();
          field.tags();
          if (name === 'transaction.version') transactionVersion = highest;
        });
      });
      return { value: { versions, transactionVersion }, throttleMs };
    },
  });
}

export interface GroupOffset {
  /** -1 when the group has none for this partition. */
  readonly offset: bigint;
  readonly metadata: string | null;
}

/** OffsetFetch v7 of one partition, `require_stable` (KIP-447): an offset whose transaction is not settled is an error, not an old answer. */
export function offsetFetch({ group, topic, partition }: { readonly group: string; readonly topic: string; readonly partition: number }): WireRequest<GroupOffset> {
  const body = new ProtocolWriter()
    .compactString(group).compactArrayLength(1)
    .compactString(topic).compactArrayLength(1).int32(partition).noTags()
    .int8(1).noTags().finish();
  return wireRequest<GroupOffset>({
    apiKey: 9, apiVersion: 7, apiName: 'OffsetFetch', flexible: true, body,
    read: (reader) => {
      const throttleMs = reader.int32();
      let found: GroupOffset = { offset: -1n, metadata: null };
      let code = 0;
      reader.compactArray(() => {
        reader.compactString();
        reader.compactArray(() => {
          reader.int32();
          const offset = reader.int64();
          reader.int32();
          found = { offset, metadata: reader.compactString() };
          code ||= reader.int16();
          reader.tags();
        });
        reader.tags();
      });
      code ||= reader.int16();
      if (code !== 0) throw new BrokerError(code, 'OffsetFetch');
      return { value: found, throttleMs };
    },
  });
}
