/** Requests that kafkajs 2.2.4 lacks or encodes slowly. */
import { BrokerError } from './error-codes.js';
import { ProtocolReader } from './protocol-reader.js';
import { ProtocolWriter } from './protocol-writer.js';

export interface Answer<T> {
  readonly value: T;
  /** How long the broker wants no further request (quotas, KIP-219). */
  readonly throttleMs: number;
}

export interface WireRequest<T> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  /** KIP-482: tagged fields in the request's header, and in the answer's. */
  readonly flexible: boolean;
  /** Views that must stay as they are until the answer is there. */
  readonly body: readonly Uint8Array[];
  /** Reads what follows the correlation id. */
  readonly read: (payload: Buffer) => Answer<T>;
}

interface RequestOptions<T> extends Omit<WireRequest<T>, 'read'> {
  /** ApiVersions answers with the old header always. */
  readonly plainAnswer?: boolean;
  readonly read: (reader: ProtocolReader) => Answer<T>;
}

export function wireRequest<T>({ read, plainAnswer = false, ...request }: RequestOptions<T>): WireRequest<T> {
  return {
    ...request,
    read: (payload) => {
      const reader = new ProtocolReader(payload);
      if (request.flexible && !plainAnswer) reader.tags();
      return read(reader);
    },
  };
}

/** `<size:int32><api key:int16><version:int16><correlation id:int32><client id:string>[<tagged fields>]`, then the body. */
export function requestHead({ apiKey, apiVersion, flexible, body }: WireRequest<unknown>, correlationId: number, clientId: string): Buffer {
  const writer = new ProtocolWriter(64).int16(apiKey).int16(apiVersion).int32(correlationId).string(clientId);
  if (flexible) writer.noTags();
  const head = Buffer.concat([Buffer.alloc(4), ...writer.parts()]);
  head.writeInt32BE(body.reduce((sum, part) => sum + part.length, head.length - 4));
  return head;
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
  const body = new ProtocolWriter().compactString(client.name).compactString(client.version).noTags().parts();
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
    .int8(1).noTags().parts();
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
