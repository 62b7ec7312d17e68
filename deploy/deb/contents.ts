/** What stands where in the package. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundle } from './bundle.js';
import { copyrightFile, licencesOf } from './licences.js';
import { manPage, scriptManPage } from './man-page.js';
import { filesBelow, type PackageFile } from './package-tree.js';
import { projectRoot } from './paths.js';
import { fetchRuntime, type Architecture } from './runtime.js';
import { sbom } from './sbom.js';

export interface Build {
  readonly architecture: Architecture;
  /** Debian's: upstream and revision. */
  readonly version: string;
  /** Seconds: the time of everything in the package. */
  readonly epoch: number;
}

const FILES = join(projectRoot, 'deploy/deb/files');
const LIBRARY = 'usr/lib/cassandra-cdc-agent';
const DOC = 'usr/share/doc/cassandra-cdc-agent';
const SCRIPTS = {
  'cassandra-cdc-agent-rights': 'rights of the agent\'s user on cdc_raw',
  'cassandra-cdc-agent-as-service': 'a verb of the agent, run as the service would',
};

/** `work` holds the bundle until the package is made. */
export function contents(build: Build, work: string): PackageFile[] {
  const runtime = fetchRuntime(build.architecture);
  const packages = bundle(work);
  return [
    { path: 'usr/bin/cassandra-cdc-agent', mode: 0o755, content: { from: join(FILES, 'cassandra-cdc-agent') } },
    ...Object.keys(SCRIPTS).map((name) => ({ path: `usr/sbin/${name}`, mode: 0o755, content: { from: join(FILES, name) } })),
    { path: `${LIBRARY}/node`, mode: 0o755, content: { from: runtime.executable } },
    ...filesBelow(work, `${LIBRARY}/agent`),
    { path: 'usr/share/cassandra-cdc-agent/agent.yaml', content: { from: join(FILES, 'agent.yaml') } },
    { path: 'usr/lib/systemd/system/cassandra-cdc-agent.service', content: { from: join(projectRoot, 'systemd/cassandra-cdc-agent.service') } },
    { path: 'usr/lib/sysusers.d/cassandra-cdc-agent.conf', content: { from: join(projectRoot, 'systemd/cassandra-cdc-agent.sysusers.conf') } },
    { path: 'usr/lib/tmpfiles.d/cassandra-cdc-agent.conf', content: { from: join(projectRoot, 'systemd/cassandra-cdc-agent.tmpfiles.conf') } },
    { path: 'usr/share/lintian/overrides/cassandra-cdc-agent', content: { from: join(FILES, 'lintian-overrides') } },
    ...manPages(build.epoch),
    ...documents(),
    { path: `${DOC}/copyright`, content: copyrightFile(licencesOf(packages), runtime) },
    { path: `${DOC}/changelog.Debian.gz`, content: packed(changelog(build)) },
    { path: `${DOC}/sbom.cdx.json.gz`, content: packed(sbom(build.architecture, build.epoch)) },
  ];
}

function manPages(epoch: number): PackageFile[] {
  const scripts = Object.entries(SCRIPTS).map(([name, summary]) => {
    const usage = execFileSync('sh', [join(FILES, name), '--help'], { encoding: 'utf8' });
    return { path: `usr/share/man/man8/${name}.8.gz`, content: packed(scriptManPage({ name, summary, usage, epoch })) };
  });
  return [{ path: 'usr/share/man/man1/cassandra-cdc-agent.1.gz', content: packed(manPage(epoch)) }, ...scripts];
}

function documents(): PackageFile[] {
  const pages = readdirSync(join(projectRoot, 'deploy')).filter((name) => name.endsWith('.md')).sort().map((name) => `deploy/${name}`);
  return [
    ...['README.md', 'agent/EVENTS.md', 'parsers/FORMAT.md', ...pages].map((path) => ({ path: `${DOC}/${path.replace(/.*\//, '')}`, content: { from: join(projectRoot, path) } })),
    ...['grafana', 'prometheus', 'kubernetes', 'ansible'].flatMap((name) => filesBelow(join(projectRoot, 'deploy', name), `${DOC}/${name}`)),
  ];
}

function changelog({ version, epoch }: Build): string {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `cassandra-cdc-agent (${version}) stable; urgency=medium\n\n  * See UPGRADING.md beside this file.\n\n -- ${MAINTAINER}  ${date}\n`;
}

export const MAINTAINER = 'cassandra-cdc-agent authors <authors@cassandra-cdc-agent.invalid>';

function packed(text: string): Buffer {
  return gzipSync(text, { level: 9 });
}

/** A directory that is gone afterwards. */
export function withWork<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), 'cdc-deb-'));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function scriptOf(name: string): Buffer {
  return readFileSync(join(FILES, name));
}
