/** A place in the commit log. Mirrors org.apache.cassandra.db.commitlog.CommitLogPosition; text form `segment:offset`. */
export interface CommitLogPosition {
  /** Segment id. */
  readonly segment: number;
  /** Just behind an entry: file offset in plain segments, position in the uncompressed stream in the others. */
  readonly position: number;
}

export function comparePositions(a: CommitLogPosition, b: CommitLogPosition): number {
  return a.segment - b.segment || a.position - b.position;
}

export function formatPosition({ segment, position }: CommitLogPosition): string {
  return `${segment}:${position}`;
}

/** Reads `segment:offset`; null when the text is none. */
export function parsePosition(text: string): CommitLogPosition | null {
  const match = /^(\d{1,16}):(\d{1,10})$/.exec(text);
  return match === null ? null : { segment: Number(match[1]), position: Number(match[2]) };
}
