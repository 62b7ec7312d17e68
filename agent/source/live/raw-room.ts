/** Whether Cassandra, which refuses writes when cdc_raw is full, has room enough to go on. */
import type { CdcRawDirectory } from './cdc-raw-directory.js';

/** For which there must be room, and its share: Cassandra looks only four times a second whether there is some again. */
const SPARE_SEGMENTS = 2;
const SPARE_SHARE = 1 / 8;

/** `limit`: bytes that Cassandra allows (cdc_total_space); undefined: not known, and never enough. */
export function hasRawRoom(directory: CdcRawDirectory, limit: number | undefined): boolean {
  if (limit === undefined) return false;
  const largest = [...directory.files.values()].reduce((most, file) => Math.max(most, file.size()), 0);
  return directory.bytesIn('raw') + Math.max(SPARE_SEGMENTS * largest, SPARE_SHARE * limit) <= limit;
}
