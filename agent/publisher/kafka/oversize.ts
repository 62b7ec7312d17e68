/** An event that its topic does not take, in pieces that the dead-letter topic takes: nothing is lost, and nothing is cut. */
import type { PublishRecord } from './port.js';

/** Behind every piece: key, headers and framing. */
export const SMALLEST_PIECE = 1024;

/**
 * Pieces in order: key and headers of the original, plus where it belongs (`cdc.dead_letter.topic`), which piece this is
 * (`cdc.dead_letter.part`, as `1/3`) and the size of the whole value (`cdc.dead_letter.bytes`).
 */
export function deadLetters(record: PublishRecord, topic: string, pieceBytes: number): PublishRecord[] {
  const value = typeof record.value === 'string' ? Buffer.from(record.value) : (record.value ?? new Uint8Array(0));
  const parts = Math.max(1, Math.ceil(value.length / pieceBytes));
  return Array.from({ length: parts }, (_, part) => ({
    ...record,
    topic,
    value: value.subarray(part * pieceBytes, (part + 1) * pieceBytes),
    headers: [
      ...record.headers,
      ['cdc.dead_letter.topic', record.topic] as const,
      ['cdc.dead_letter.part', `${part + 1}/${parts}`] as const,
      ['cdc.dead_letter.bytes', String(value.length)] as const,
    ],
  }));
}

/** Names an event without showing its row. */
export function eventName({ headers }: PublishRecord): string {
  const id = headers.find(([name]) => name === 'cdc.id')?.[1];
  return id === undefined || id === null ? '(no cdc.id)' : typeof id === 'string' ? id : Buffer.from(id).toString('utf8');
}
