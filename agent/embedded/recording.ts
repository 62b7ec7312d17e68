/**
 * The recording that comes with the agent: a cdc_raw that a real Cassandra wrote, and its schema. `run` reads it when it
 * is given nothing else, so that a machine without Cassandra shows what comes out.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IoError } from '../errors.js';

export interface Recording {
  /** Directory of segments, `.log` or `.log.gz`. */
  readonly cdcRaw: string;
  /** The rows of system_schema. */
  readonly schema: string;
}

const HERE = dirname(fileURLToPath(import.meta.url));
/** The data are not compiled: they stay beside the source, whether this file runs from there or from dist/. */
const PLACES = [HERE, join(HERE, '../../../agent/embedded')];

/** Throws IoError when the data are missing. */
export function embeddedRecording(places: readonly string[] = PLACES): Recording {
  for (const place of places) {
    const recording = { cdcRaw: join(place, 'cdc_raw'), schema: join(place, 'schema.json') };
    if (existsSync(recording.cdcRaw) && existsSync(recording.schema)) return recording;
  }
  throw new IoError('recording_missing', 'the recording that comes with the agent (agent/embedded) is not there', {
    fix: 'install the agent again, or name your own: run --cdc-raw DIRECTORY --schema FILE',
  });
}
