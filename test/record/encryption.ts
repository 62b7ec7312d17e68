/** A keystore for an encrypted commit log, and its key in the form that the agent takes. */
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../helpers/project-root.js';
import { javaTool } from '../lab/index.js';

const run = promisify(execFile);
const PASSWORD = 'cassandra';
export const KEY_ALIAS = 'testing:1';

/** Makes `directory`/keystore.jceks with a fresh AES key of `bits`; writes the key beside it as key.hex. */
export async function makeKeystore(directory: string, bits: 128 | 256): Promise<void> {
  const keystore = join(directory, 'keystore.jceks');
  await rm(keystore, { force: true });
  await run(javaTool('keytool'), ['-genseckey', '-alias', KEY_ALIAS, '-keyalg', 'AES', '-keysize', String(bits), '-storetype', 'JCEKS',
    '-keystore', keystore, '-storepass', PASSWORD, '-keypass', PASSWORD]);
  const { stdout } = await run(javaTool('java'), [join(projectRoot, 'test/record/ExportKey.java'), keystore, 'JCEKS', PASSWORD, KEY_ALIAS]);
  await writeFile(join(directory, 'key.hex'), stdout);
}

/** cassandra.yaml of a node that encrypts its commit log with the key of `directory`/keystore.jceks. */
export function encryptionConfig(directory: string): Record<string, unknown> {
  return {
    transparent_data_encryption_options: {
      enabled: true,
      chunk_length_kb: 64,
      cipher: 'AES/CBC/PKCS5Padding',
      key_alias: KEY_ALIAS,
      iv_length: 16,
      key_provider: [{
        class_name: 'org.apache.cassandra.security.JKSKeyProvider',
        parameters: [{ keystore: join(directory, 'keystore.jceks'), keystore_password: PASSWORD, store_type: 'JCEKS', key_password: PASSWORD }],
      }],
    },
  };
}
