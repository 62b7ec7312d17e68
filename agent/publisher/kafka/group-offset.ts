/** The group offset that holds the position, as the group's coordinator has it: settled, so never of an open transaction. */
import { COORDINATOR, type KafkaConnection } from './connection.js';
import { errorType } from './faults.js';
import { sleep } from './sleep.js';
import { offsetFetch, type GroupOffset } from './wire/requests.js';

export const POSITION_PARTITION = 0;
/** Measured: up to 14.3 s while a neighbour's transaction is open. */
const PATIENCE_MS = 60_000;
const WAIT_MS = 20;
const WAITING = new Set(['UNSTABLE_OFFSET_COMMIT', 'NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS']);

/** An offset of -1: none was ever stored, or it has expired. */
export async function readGroupOffset(connection: KafkaConnection, { group, topic }: { readonly group: string; readonly topic: string }): Promise<GroupOffset> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      const coordinator = await connection.coordinator(COORDINATOR.group, group);
      return await connection.send(coordinator, offsetFetch({ group, topic, partition: POSITION_PARTITION }));
    } catch (error) {
      if (!WAITING.has(errorType(error) ?? '') || connection.isDead || Date.now() > deadline) throw error;
      await sleep(WAIT_MS);
    }
  }
}
