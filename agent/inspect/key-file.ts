/** `--key-file FILE`: the AES key of encrypted segments, as hex or base64 text. */
import { readFileSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { cannotRead } from './file-source.js';

const KEY_LENGTHS: readonly number[] = [16, 24, 32];

/** The key's 16, 24 or 32 bytes. Throws IoError or UsageError, which don't show what the file holds. */
export function readKeyFile(path: string): Buffer {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (cause) {
    throw cannotRead(path, cause);
  }
  const key = keyOfText(text);
  if (key !== undefined) return key;
  throw new UsageError('key_file', `${path} holds no AES key: 16, 24 or 32 bytes as hex or base64 were expected`, { fix: 'export the key of the alias that the segment names: keytool -importkeystore to PKCS12, or a line of Java (KeyStore.getKey(…).getEncoded())' });
}

/** Undefined when the text is none. */
export function keyOfText(given: string): Buffer | undefined {
  const text = given.replace(/\s+/g, '');
  // Hex first: 32 hex digits are base64 letters too.
  if (/^[0-9a-f]+$/i.test(text) && KEY_LENGTHS.includes(text.length / 2)) return Buffer.from(text, 'hex');
  const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  const key = Buffer.from(isBase64 ? text : '', 'base64');
  return KEY_LENGTHS.includes(key.length) ? key : undefined;
}
