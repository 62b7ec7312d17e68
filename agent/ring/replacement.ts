/** Whether the node came in place of a dead one, as far as it still knows: then its history holds what that one did not publish. */
import { textOf } from '../cassandra/node-connection.js';
import { OperatorError } from '../errors.js';
import type { RowSource } from './ring-reader.js';

/** StorageService.isReplacing: properties of the process. */
const PROPERTIES = new Set(['cassandra.replace_address', 'cassandra.replace_address_first_boot', 'cassandra.replace_node']);

/** Undefined when the role may not read `system_views.system_properties`. */
export async function isReplacement(session: RowSource, signal?: AbortSignal): Promise<boolean | undefined> {
  try {
    const rows = await session.rows('SELECT name, value FROM system_views.system_properties', { signal });
    return rows.some((row) => PROPERTIES.has(textOf(row['name'])) && textOf(row['value']) !== '');
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof OperatorError) return undefined;
    throw error;
  }
}
