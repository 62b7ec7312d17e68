/** The position in Kafka, looked at and moved by hand: one attempt, as somebody waits for the answer. */
import { ConfigError, RetryableError, type OperatorError } from '../../errors.js';
import { Batch } from './batch.js';
import { KafkaConnection } from './connection.js';
import { explainFault } from './faults.js';
import { readGroupOffset } from './group-offset.js';
import type { PublisherOptions } from './options.js';
import type { StoredPosition } from './port.js';
import { parsePositionRecord } from './position-record.js';
import { ensureTopic } from './topics.js';
import { TransactionalProducer } from './transactional-producer.js';

export type MoveOptions = Pick<PublisherOptions, 'kafka' | 'transactionalId' | 'positionTopic' | 'transactionTimeoutMs' | 'topics' | 'instance' | 'protocol'>;

/** As Kafka has it. */
export interface FoundPosition {
  /** null: there is none, or it can't be read. */
  readonly position: StoredPosition | null;
  /** Running number of events, also of a position that can't be read; null = none was ever stored, or it has expired. */
  readonly events: number | null;
  /** Why it can't be read. */
  readonly unreadable?: OperatorError;
}

/** Without disturbing an agent that runs. Rejects with OperatorError. */
export function lookAtPosition(options: MoveOptions): Promise<FoundPosition> {
  return connected(options, (connection) => find(connection, options));
}

/**
 * Fences every producer of this transactional id, settles its transaction, and commits what `decide` makes of the position
 * that is found then, in a transaction without events. Resolves with what was read back. When the commit's answer was lost,
 * the position that is read back tells what happened. Rejects with OperatorError; what `decide` throws goes through.
 */
export async function movePosition(options: MoveOptions, decide: (found: FoundPosition) => StoredPosition): Promise<StoredPosition> {
  let wanted: StoredPosition | undefined;
  let fault: unknown;
  try {
    await connected(options, async (connection) => {
      await ensureTopic(connection, options.positionTopic, { ...options.topics, partitions: 1, config: {} });
      const producer = new TransactionalProducer(options, connection);
      await producer.initialise();
      const to = decide(await find(connection, options));
      wanted = to;
      await producer.commit(new Batch(() => 0), to);
    });
  } catch (error) {
    if (wanted === undefined) throw error;
    fault = error;
  }
  return readBack(options, wanted, fault);
}

async function readBack(options: MoveOptions, wanted: StoredPosition | undefined, fault: unknown): Promise<StoredPosition> {
  const { transactionalId } = options;
  const { position } = await connected(options, async (connection) => {
    // Settles a transaction whose end was not answered.
    if (fault !== undefined) await new TransactionalProducer(options, connection).initialise();
    return find(connection, options);
  });
  if (position !== null && wanted !== undefined && position.instance === wanted.instance && position.segment === wanted.segment && position.position === wanted.position && position.index === wanted.index) return position;
  if (fault !== undefined) throw explainFault(fault, transactionalId);
  throw new RetryableError('position_not_moved', `Kafka took the new position of ${transactionalId} and has another one now`, { fix: 'another agent publishes under this id: stop it, and try again' });
}

async function find(connection: KafkaConnection, { transactionalId, positionTopic }: MoveOptions): Promise<FoundPosition> {
  const { offset, metadata } = await readGroupOffset(connection, { group: transactionalId, topic: positionTopic });
  if (offset < 0n) return { position: null, events: null };
  const events = Number(offset);
  try {
    return { position: parsePositionRecord(metadata ?? '', events, transactionalId), events };
  } catch (unreadable) {
    if (!(unreadable instanceof ConfigError)) throw unreadable;
    return { position: null, events, unreadable };
  }
}

async function connected<T>(options: MoveOptions, use: (connection: KafkaConnection) => Promise<T>): Promise<T> {
  const connection = new KafkaConnection(options.kafka);
  try {
    await connection.open();
    return await use(connection);
  } catch (error) {
    throw explainFault(error, options.transactionalId);
  } finally {
    await connection.close();
  }
}
