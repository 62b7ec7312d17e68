/** Certificates of a lab: an authority and what it signs, by the openssl command. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface SignOptions {
  /** `IP:127.0.0.1`, `DNS:kafka.example.com`. */
  readonly names?: readonly string[];
  /** Below 0: it ended so many days ago. */
  readonly days?: number;
  /** The key is encrypted with it. */
  readonly password?: string;
}

/** Paths of PEM files. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

export class CertificateAuthority {
  /** Path of its certificate. */
  readonly ca: string;
  readonly #directory: string;
  readonly #name: string;

  private constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
    this.ca = join(directory, `${name}.crt`);
  }

  static async create(directory: string, name = 'ca'): Promise<CertificateAuthority> {
    await mkdir(directory, { recursive: true });
    const authority = new CertificateAuthority(directory, name);
    await authority.#openssl('req', '-x509', ...CURVE, '-nodes', '-days', '2', '-subj', `/CN=lab-${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`);
    return authority;
  }

  /** With the common name `name`, in files of that name. */
  async sign(name: string, { names = [], days = 2, password }: SignOptions = {}): Promise<KeyPair> {
    const encrypted = password === undefined ? ['-nodes'] : ['-passout', `pass:${password}`];
    await writeFile(join(this.#directory, `${name}.ext`), names.length === 0 ? '\n' : `subjectAltName=${names.join(',')}\n`);
    await this.#openssl('req', ...CURVE, ...encrypted, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    await this.#openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${this.#name}.crt`, '-CAkey', `${this.#name}.key`, '-CAcreateserial', '-days', String(days), '-out', `${name}.crt`, '-extfile', `${name}.ext`);
    return { cert: join(this.#directory, `${name}.crt`), key: join(this.#directory, `${name}.key`) };
  }

  async #openssl(...args: string[]): Promise<void> {
    await promisify(execFile)('openssl', args, { cwd: this.#directory });
  }
}
