/** Certificates and keys of a TLS client, in files that somebody else may renew: read anew for each connection. */
import { readFile } from 'node:fs/promises';
import type { Secret } from '../config/secret.js';
import { IoError } from '../errors.js';

/** As the configuration names them. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly key_password?: Secret | undefined;
  /** True when absent. */
  readonly verify_hostname?: boolean | undefined;
}

/** PEM texts. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

/** Throws IoError. */
export async function readTlsFiles({ ca, cert, key, key_password: password }: TlsFiles): Promise<TlsMaterial> {
  return {
    ...(ca === undefined ? {} : { ca: await readPem(ca) }),
    ...(cert === undefined ? {} : { cert: await readPem(cert) }),
    ...(key === undefined ? {} : { key: await readPem(key) }),
    ...(password === undefined ? {} : { passphrase: password.reveal() }),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const message = code === 'ENOENT' ? 'does not exist' : `can't be read: ${code}`;
    throw new IoError('tls_file', `${path} ${message}`, { fix: code === 'EACCES' ? `let the agent's user read ${path}` : 'correct the path, or put the file there', cause });
  }
}
