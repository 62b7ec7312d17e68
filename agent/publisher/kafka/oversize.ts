/** An event that its topic does not take, in pieces that the dead-letter topic takes: nothing is lost, and nothing is cut. */
import type { PublishRecord } from './port.js';

/** Behind every piece: key, headers and framing. */
export const SMALLEST_PIECE = 1024;

/**
 * Pieces in order: key and headers of the original, plus where it belongs (`cdc.dead_letter.topic`), which piece this is
 * (`cdc.dead_letter.part`, as `1/3`) and the size of the whole value (`cdc.dead_letter.bytes`).
 */
export function deadLetters(record: PublishRecord, topic: string, pieceBytes: number): PublishRecord[] {
  const length = Math.max(0, record.valueEnd - record.valueStart);
  const parts = Math.max(1, Math.ceil(length / pieceBytes));
  return Array.from({ length: parts }, (_, part) => ({
    ...record,
    topic,
    valueStart: record.valueStart + part * pieceBytes,
    valueEnd: Math.min(record.valueStart + (part + 1) * pieceBytes, record.valueEnd),
    headers: [
      ...record.headers,
      ['cdc.dead_letter.topic', record.topic] as const,
      ['cdc.dead_letter.part', `${part + 1}/${parts}`] as const,
      ['cdc.dead_letter.bytes', String(length)] as const,
    ],
  }));
}

/** Names an event without showing its row. */
export function eventName({ headers }: PublishRecord): string {
  return headers.find(([name]) => name === 'cdc.id')?.[1] ?? '(no cdc.id)';
}
