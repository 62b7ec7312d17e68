/**
 * What consumers must know besides row changes, on the topic `{prefix}.control`: today gaps. A gap stands in the
 * transaction in which the position passes it.
 *
 *   key    {"host_id":"…"}
 *   value  {"type":"gap","cluster":"…","datacenter":"…","host_id":"…","reason":"segment_vanished","certain":false,
 *           "from":{"segment":"1795360528612","position":0},"to":{"segment":"1795360528612","position":2147483647},
 *           "code":null,"kept":null,"ts_ms":1795360528700}
 *
 * `reason` is a GapReason of the live source, or `undecodable` for one entry; `certain` false: perhaps nothing is lost.
 */
import type { CommitLogPosition } from '../../parsers/index.js';
import { murmur2, toPositive } from '../serializer/murmur2.js';
import type { EventRecord, SourceIdentity } from '../serializer/serializer.js';

export interface ControlGap {
  readonly reason: string;
  readonly from: CommitLogPosition;
  readonly to: CommitLogPosition;
  readonly isCertain: boolean;
  readonly code?: string;
  /** Path of a damaged file. */
  readonly kept?: string;
}

export function controlTopicOf(prefix: string): string {
  return `${prefix}.control`;
}

/** `now`: milliseconds since 1970. */
export function gapRecord(gap: ControlGap, { topic, source, now }: { readonly topic: string; readonly source: SourceIdentity; readonly now: number }): EventRecord {
  const { cluster, datacenter, hostId } = source;
  const { reason, isCertain, from, to, code = null, kept = null } = gap;
  const place = ({ segment, position }: CommitLogPosition): object => ({ segment: String(segment), position });
  const key = Buffer.from(JSON.stringify({ host_id: hostId }));
  const value = Buffer.from(JSON.stringify({ type: 'gap', cluster, datacenter, host_id: hostId, reason, certain: isCertain, from: place(from), to: place(to), code, kept, ts_ms: now }));
  return {
    topic, key, value, bytes: Buffer.concat([key, value]), keyStart: 0, keyEnd: key.length, valueStart: key.length, valueEnd: key.length + value.length,
    headers: [['cdc.type', 'gap']], partitionHint: toPositive(murmur2(key, 0, key.length)), timestamp: now,
  };
}
