/**
 * References to values that don't belong in the file. Resolved in scalars after parsing, so that a secret can never
 * change the structure of the file.
 *
 *   <reference> is '${' ('credential:' NAME | 'file:' PATH | 'env:' NAME) '}'
 *   '$${' stands for the text '${'
 *
 * One newline at the end of a file is not part of its value.
 */
import { nearest } from './nearest.js';
import type { Complaint } from './value-type.js';

/** What the resolver may ask of the world. */
export interface ReferenceSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws as node:fs does. */
  readSecretFile(path: string): SecretFile;
}

export interface SecretFile {
  readonly text: string;
  readonly worldReadable: boolean;
}

export interface Resolved {
  readonly text: string;
  /** False when the text had no reference in it. */
  readonly fromReference: boolean;
  readonly errors: readonly Complaint[];
  readonly warnings: readonly Complaint[];
}

const SCHEMES = ['credential', 'file', 'env'];
const REFERENCE = /^(?:credential:[\w.@-]+|file:\/.+|env:\w+)$/;
const HIDDEN: Complaint = { message: 'holds a ${...} that is no reference', fix: 'write ${credential:NAME}, ${file:/path} or ${env:NAME}; for the text ${ itself write $${' };
const PART = /\$\$\{|\$\{([^}]*)(\}?)/g;

/** `hide`: the option is a secret, so that what is no valid reference may be part of one and is not repeated. */
export function resolveReferences(source: string, sources: ReferenceSources, hide = false): Resolved {
  const errors: Complaint[] = [];
  const warnings: Complaint[] = [];
  let fromReference = false;
  const text = source.replace(PART, (_whole: string, body: string | undefined, end: string | undefined) => {
    if (body === undefined) return '${';
    fromReference = true;
    const found: Found = end === '' ? { message: '"${" is not closed', fix: 'close it with }, or write $${ for the text ${' } : hide && !REFERENCE.test(body) ? HIDDEN : resolveOne(body, sources);
    if ('message' in found) errors.push(found);
    else if (found.warning !== undefined) warnings.push(found.warning);
    return 'message' in found ? '' : found.text;
  });
  return { text, fromReference, errors, warnings };
}

type Found = Complaint | { readonly text: string; readonly warning?: Complaint };

function resolveOne(body: string, sources: ReferenceSources): Found {
  const colon = body.indexOf(':');
  const scheme = colon < 0 ? '' : body.slice(0, colon);
  const name = body.slice(colon + 1);
  if (scheme === 'env') return fromEnvironment(name, sources.env);
  if (scheme === 'credential') return fromCredential(name, sources);
  if (scheme === 'file') return name.startsWith('/') ? fromFile(name, `\${file:${name}}`, sources) : { message: `\${file:${name}} must name an absolute path`, fix: 'write ${file:/path}' };
  const meant = scheme === '' ? undefined : nearest(scheme, SCHEMES);
  const guess = meant !== undefined ? `\${${meant}:${name}}` : /^\w+$/.test(body) ? `\${env:${body}}` : '${credential:NAME}, ${file:/path} or ${env:NAME}';
  return { message: `\${${body}} is not a reference`, fix: `write ${guess}; for the text itself write $\${` };
}

function fromEnvironment(name: string, env: ReferenceSources['env']): Found {
  if (!/^[A-Za-z_]\w*$/.test(name)) return { message: `\${env:${name}} does not name an environment variable`, fix: 'write ${env:NAME}' };
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (value === undefined) return { message: `the environment variable ${name} is not set`, fix: `set ${name} in the agent's environment` };
  return value === '' ? { message: `the environment variable ${name} is empty`, fix: `give ${name} a value` } : { text: value };
}

function fromCredential(name: string, sources: ReferenceSources): Found {
  if (!/^[\w.@-]+$/.test(name) || name === '.' || name === '..') return { message: `\${credential:${name}} does not name a credential`, fix: 'write ${credential:NAME}, as in LoadCredential=NAME:PATH' };
  const directory = sources.env['CREDENTIALS_DIRECTORY'];
  if (directory === undefined || directory === '') return { message: `there is no credential ${name}: CREDENTIALS_DIRECTORY is not set`, fix: `run as the systemd service with LoadCredential=${name}:PATH (a verb by hand: cassandra-cdc-agent-as-service VERB), or set CREDENTIALS_DIRECTORY to a directory with a file ${name}` };
  const found = fromFile(`${directory}/${name}`, `the credential ${name}`, sources, `add LoadCredential=${name}:PATH to the service`);
  return 'text' in found ? { text: found.text } : found;
}

function fromFile(path: string, what: string, sources: ReferenceSources, missing = `make the file, or correct the path`): Found {
  try {
    const { text, worldReadable } = sources.readSecretFile(path);
    const value = text.replace(/\r?\n$/, '');
    if (value === '') return { message: `${what} is empty`, fix: 'put the value in' };
    return worldReadable ? { text: value, warning: { message: `${path} can be read by every user of this host`, fix: `chmod o= ${path}` } } : { text: value };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    if (code === 'ENOENT') return { message: `${what} does not exist${what.includes(path) ? '' : ` (${path})`}`, fix: missing };
    if (code === 'EACCES') return { message: `${what} can't be read: no right to`, fix: `let the agent's user read ${path}` };
    return { message: `${what} can't be read: ${code}`, fix: `make ${path} a small text file` };
  }
}
