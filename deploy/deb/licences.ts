/** Licences of what the package carries: a machine-readable copyright file, and a refusal where one is unknown. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './paths.js';
import type { Runtime } from './runtime.js';

/** May be redistributed inside a package under the Apache License 2.0. */
const ALLOWED = new Set(['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD']);

/** Debian keeps this text once for all packages. */
const APACHE = 'On Debian systems the text of the Apache License 2.0 stands in /usr/share/common-licenses/Apache-2.0.';

export interface Licence {
  readonly name: string;
  readonly version: string;
  /** SPDX. */
  readonly licence: string;
  readonly text: string;
}

interface Manifest {
  readonly version: string;
  readonly license?: string;
}

/** Throws when a package has no licence, or one that is not allowed. */
export function licencesOf(packages: readonly string[]): Licence[] {
  return packages.map((name) => {
    const directory = join(projectRoot, 'node_modules', name);
    const { version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
    if (license === undefined || !ALLOWED.has(license)) throw new Error(`${name} ${version} has the licence ${license ?? '(none)'}: look at it, and add it to ALLOWED or replace the package`);
    return { name, version, licence: license, text: licenceText(directory) };
  });
}

function licenceText(directory: string): string {
  const file = existsSync(directory) ? readdirSync(directory).find((name) => /^licen[cs]e(\.(md|txt|mit))?$/i.test(name)) : undefined;
  return file === undefined ? 'The package carries no text of its licence.' : readFileSync(join(directory, file), 'utf8').trim();
}

/** Debian's machine-readable format 1.0. */
export function copyrightFile(licences: readonly Licence[], runtime: Runtime): string {
  const paragraphs = [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: cassandra-cdc-agent',
    `Files: *\nCopyright: the authors of cassandra-cdc-agent\nLicense: Apache-2.0\n${field(APACHE)}`,
    `Files: usr/lib/cassandra-cdc-agent/node\nCopyright: Node.js contributors, and those named in the text\nLicense: Node.js\nComment: Node ${runtime.version}, as in the npm package ${runtime.package}, SHA-256 ${runtime.sha256}\n${field(readFileSync(runtime.licence, 'utf8').trim())}`,
    ...licences.map(({ name, version, licence, text }) => `Files: usr/lib/cassandra-cdc-agent/agent/*.js (parts from the npm package ${name} ${version})\nCopyright: as in the text\nLicense: ${licence}\n${field(licence === 'Apache-2.0' ? APACHE : text)}`),
  ];
  return `${paragraphs.join('\n\n')}\n`;
}

/** A continuation: one space before each line, a dot for an empty one. */
function field(text: string): string {
  return text.split('\n').map((line) => ` ${line.trim() === '' ? '.' : line.trimEnd()}`).join('\n');
}
