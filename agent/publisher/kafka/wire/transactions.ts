/** TxnOffsetCommit v5 and EndTxn v5, the KIP-890 forms: no AddPartitions or AddOffsets before them, and each EndTxn gives the next epoch. */
import { BrokerError } from './error-codes.js';
import { ProtocolWriter } from './protocol-writer.js';
import { wireRequest, type WireRequest } from './requests.js';

export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface OffsetToCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly metadata: string;
}

export function txnOffsetCommit(producer: ProducerIdentity, commit: OffsetToCommit): WireRequest<void> {
  const body = new ProtocolWriter()
    .compactString(producer.transactionalId).compactString(commit.group).int64(producer.producerId).int16(producer.epoch)
    // No generation, member or instance: the group has no members.
    .int32(-1).compactString('').compactString(null)
    .compactArrayLength(1).compactString(commit.topic).compactArrayLength(1)
    .int32(commit.partition).int64(commit.offset).int32(-1).compactString(commit.metadata).noTags()
    .noTags().noTags().parts();
  return wireRequest<void>({
    apiKey: 28, apiVersion: 5, apiName: 'TxnOffsetCommit', flexible: true, body,
    read: (reader) => {
      const throttleMs = reader.int32();
      let code = 0;
      let answers = 0;
      reader.compactArray(() => {
        reader.compactString();
        reader.compactArray(() => {
          reader.int32();
          code ||= reader.int16();
          answers++;
          reader.tags();
        });
        reader.tags();
      });
      if (answers !== 1) throw new RangeError(`TxnOffsetCommit answer: ${answers} partitions`);
      if (code !== 0) throw new BrokerError(code, 'TxnOffsetCommit');
      return { value: undefined, throttleMs };
    },
  });
}

export interface NextProducer {
  readonly producerId: bigint;
  readonly epoch: number;
}

export function commitTransaction(producer: ProducerIdentity): WireRequest<NextProducer> {
  const body = new ProtocolWriter()
    .compactString(producer.transactionalId).int64(producer.producerId).int16(producer.epoch).int8(1).noTags().parts();
  return wireRequest<NextProducer>({
    apiKey: 26, apiVersion: 5, apiName: 'EndTxn', flexible: true, body,
    read: (reader) => {
      const throttleMs = reader.int32();
      const code = reader.int16();
      if (code !== 0) throw new BrokerError(code, 'EndTxn');
      return { value: { producerId: reader.int64(), epoch: reader.int16() }, throttleMs };
    },
  });
}
