/** A small world for configurations: environment and files in memory. */
import { ConfigError, type ConfigProblem } from '../../../agent/errors.js';
import { loadConfig, type LoadedConfig } from '../../../agent/config/load.js';
import type { ReferenceSources, SecretFile } from '../../../agent/config/references.js';

export interface World {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | SecretFile>>;
}

export function sources({ env = {}, files = {} }: World = {}): ReferenceSources {
  return {
    env,
    readSecretFile: (path) => {
      if (!Object.hasOwn(files, path)) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
      const file = files[path];
      return typeof file === 'string' ? { text: file, worldReadable: false } : file;
    },
  };
}

export function load(text: string, world?: World): LoadedConfig {
  return loadConfig({ text, file: 'agent.yaml', directory: '/etc/cdc', sources: sources(world) });
}

/** The mistakes of a text; an empty list when it is right. */
export function mistakes(text: string, world?: World): readonly ConfigProblem[] {
  try {
    load(text, world);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Lines 1 to 2 of most tests: what must be given. */
export const REQUIRED = 'cassandra: { contact_points: [127.0.0.1] }\nkafka: { brokers: [k1] }\n';
