/** `events.timestamp`: what types of columns can be the time of a record. */

/** How a column says when: ms since 1970, days, or a UUID of version 1. */
export type TimeShape = 'millis' | 'days' | 'timeuuid';

/** By CQL type. */
export const RECORD_TIMES: ReadonlyMap<string, TimeShape> = new Map<string, TimeShape>([['timestamp', 'millis'], ['bigint', 'millis'], ['date', 'days'], ['timeuuid', 'timeuuid']]);
