/** Requests that look and change nothing: what topics and groups there are, and what this principal may do with them. */
import { BrokerError, errorName } from './error-codes.js';
import type { ProtocolReader } from './protocol-reader.js';
import { ProtocolWriter } from './protocol-writer.js';
import { wireRequest, type WireRequest } from './requests.js';

/** org.apache.kafka.common.acl.AclOperation. */
export const OPERATION = { read: 3, write: 4, create: 5, describe: 8, describeConfigs: 10 } as const;
/** The broker did not say. */
const NOT_SAID = -(2 ** 31);

/** One bit per AclOperation; null when the broker does not say. */
export type Operations = number | null;

export function allows(operations: Operations, operation: number): boolean | null {
  return operations === null ? null : (operations & (1 << operation)) !== 0;
}

export interface TopicDescription {
  readonly name: string;
  /** Name of the error, null when the topic is there and may be seen. */
  readonly error: string | null;
  readonly partitions: number;
  readonly operations: Operations;
}

export interface ClusterDescription {
  readonly clusterId: string | null;
  readonly brokers: readonly { readonly host: string; readonly port: number }[];
  readonly topics: readonly TopicDescription[];
  readonly operations: Operations;
}

/** Metadata v9 (Kafka 2.4). Topics are not created by it. */
export function describeCluster(topics: readonly string[]): WireRequest<ClusterDescription> {
  const writer = new ProtocolWriter().compactArrayLength(topics.length);
  for (const topic of topics) writer.compactString(topic).noTags();
  const body = writer.int8(0).int8(1).int8(1).noTags().parts();
  return wireRequest<ClusterDescription>({
    apiKey: 3, apiVersion: 9, apiName: 'Metadata', flexible: true, body,
    read: (reader) => {
      const throttleMs = reader.int32();
      const brokers = reader.compactArray(() => {
        reader.int32();
        const broker = { host: reader.compactString() ?? '', port: reader.int32() };
        reader.compactString();
        reader.tags();
        return broker;
      });
      const clusterId = reader.compactString();
      reader.int32();
      const found = reader.compactArray(() => readTopic(reader));
      const operations = readOperations(reader);
      return { value: { clusterId, brokers, topics: found, operations }, throttleMs };
    },
  });
}

function readTopic(reader: ProtocolReader): TopicDescription {
  const code = reader.int16();
  const name = reader.compactString() ?? '';
  reader.int8();
  const partitions = reader.compactArray(() => {
    reader.int16();
    reader.int32();
    reader.int32();
    reader.int32();
    for (let list = 0; list < 3; list++) reader.compactArray(() => reader.int32());
    reader.tags();
  });
  const operations = readOperations(reader);
  reader.tags();
  return { name, error: code === 0 ? null : errorName(code), partitions: partitions.length, operations };
}

function readOperations(reader: ProtocolReader): Operations {
  const bits = reader.int32();
  return bits === NOT_SAID ? null : bits;
}

/** DescribeGroups v5 of one group, to be sent to its coordinator: what this principal may do with it. */
export function describeGroup(group: string): WireRequest<Operations> {
  const body = new ProtocolWriter().compactArrayLength(1).compactString(group).int8(1).noTags().parts();
  return wireRequest<Operations>({
    apiKey: 15, apiVersion: 5, apiName: 'DescribeGroups', flexible: true, body,
    read: (reader) => {
      const throttleMs = reader.int32();
      const [answer] = reader.compactArray(() => {
        const code = reader.int16();
        for (let text = 0; text < 4; text++) reader.compactString();
        reader.compactArray(() => {
          for (let text = 0; text < 4; text++) reader.compactString();
          // Metadata and assignment: as long as strings are.
          for (let bytes = 0; bytes < 2; bytes++) reader.compactString();
          reader.tags();
        });
        const operations = readOperations(reader);
        reader.tags();
        return { code, operations };
      });
      if (answer.code !== 0) throw new BrokerError(answer.code, 'DescribeGroups');
      return { value: answer.operations, throttleMs };
    },
  });
}

const TOPIC_RESOURCE = 2;

/** DescribeConfigs v4 (Kafka 2.6) of one setting of topics; null where this principal may not see it. */
export function describeTopicSetting(topics: readonly string[], setting: string): WireRequest<ReadonlyMap<string, string | null>> {
  const writer = new ProtocolWriter().compactArrayLength(topics.length);
  for (const topic of topics) writer.int8(TOPIC_RESOURCE).compactString(topic).compactArrayLength(1).compactString(setting).noTags();
  const body = writer.int8(0).int8(0).noTags().parts();
  return wireRequest<ReadonlyMap<string, string | null>>({
    apiKey: 32, apiVersion: 4, apiName: 'DescribeConfigs', flexible: true, body,
    read: (reader) => {
      const throttleMs = reader.int32();
      const values = new Map<string, string | null>();
      reader.compactArray(() => {
        reader.int16();
        reader.compactString();
        reader.int8();
        const topic = reader.compactString() ?? '';
        const [value] = reader.compactArray(() => readSetting(reader));
        values.set(topic, value ?? null);
        reader.tags();
      });
      return { value: values, throttleMs };
    },
  });
}

function readSetting(reader: ProtocolReader): string | null {
  reader.compactString();
  const value = reader.compactString();
  for (let flag = 0; flag < 3; flag++) reader.int8();
  reader.compactArray(() => {
    reader.compactString();
    reader.compactString();
    reader.int8();
    reader.tags();
  });
  reader.int8();
  reader.compactString();
  reader.tags();
  return value;
}

/** A producer id that no broker gave. */
const NO_SUCH_PRODUCER = 2n ** 62n;

/**
 * InitProducerId v4 as the holder of a producer id that does not exist: a broker that knows the transactional id refuses
 * it as fenced, and leaves the real holder alone; one that does not know it yet takes it. Either way the rights and the
 * timeout were looked at first. The error's name, null for none.
 */
export function tryTransactionalId(transactionalId: string, timeoutMs: number): WireRequest<string | null> {
  const body = new ProtocolWriter().compactString(transactionalId).int32(timeoutMs).int64(NO_SUCH_PRODUCER).int16(0).noTags().parts();
  return wireRequest<string | null>({
    apiKey: 22, apiVersion: 4, apiName: 'InitProducerId', flexible: true, body,
    read: (reader) => {
      const throttleMs = reader.int32();
      const code = reader.int16();
      return { value: code === 0 ? null : errorName(code), throttleMs };
    },
  });
}
