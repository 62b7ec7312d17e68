/** The AES key of an encrypted commit log, from the configuration. */
import { readKeyFile, keyOfText } from '../inspect/key-file.js';
import type { AgentConfig } from '../config/declaration.js';
import { ConfigError } from '../errors.js';

/** Undefined: none is configured. Throws IoError, ConfigError. */
export function encryptionKeyOf({ encryption_key: secret, encryption_key_file: file }: AgentConfig['source']): Buffer | undefined {
  if (file !== undefined) return readKeyFile(file);
  if (secret === undefined) return undefined;
  const key = keyOfText(secret.reveal());
  if (key === undefined) throw new ConfigError('encryption_key', 'source.encryption_key is no AES key: 16, 24 or 32 bytes as hex or base64 were expected', { fix: 'export the key of the alias that the segments name' });
  return key;
}
