/**
 * `npm run deb`: the Debian package, the same bytes for the same sources.
 *
 *   npm run deb                          dist/deb/cassandra-cdc-agent_VERSION_amd64.deb
 *   npm run deb -- --arch arm64          for another processor
 *   npm run deb -- --revision 2          Debian revision (1)
 *   npm run deb -- --out DIRECTORY       where to
 *   npm run deb -- --fast                compressed quickly, for tests
 *
 * The time of everything in it is $SOURCE_DATE_EPOCH, else that of the last commit.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { VERSION } from '../../agent/version.js';
import { contents, MAINTAINER, scriptOf, withWork, type Build } from './contents.js';
import { installedSize, md5sums, stage } from './package-tree.js';
import { projectRoot } from './paths.js';
import { ARCHITECTURES, type Architecture } from './runtime.js';

const MAINTAINER_SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm'];

function main(): void {
  const { values } = parseArgs({
    options: { arch: { type: 'string', default: 'amd64' }, revision: { type: 'string', default: '1' }, out: { type: 'string', default: 'dist/deb' }, fast: { type: 'boolean', default: false } },
  });
  const architecture = ARCHITECTURES.find((name) => name === values.arch);
  if (architecture === undefined) throw new Error(`--arch ${values.arch}: there are ${ARCHITECTURES.join(' and ')}`);
  if (!/^[0-9][0-9A-Za-z.+~]*$/.test(values.revision)) throw new Error(`--revision ${values.revision}: digits, letters, . + ~, beginning with a digit`);
  const build: Build = { architecture, version: `${VERSION}-${values.revision}`, epoch: epochOf(process.env) };
  const out = resolve(projectRoot, values.out);
  mkdirSync(out, { recursive: true });
  const file = join(out, `cassandra-cdc-agent_${build.version}_${architecture}.deb`);
  withWork((work) => {
    const root = join(work, 'root');
    mkdirSync(root);
    stage(root, contents(build, join(work, 'agent')), build.epoch);
    const control = [
      { path: 'DEBIAN/control', content: controlFile(build, installedSize(root)) },
      { path: 'DEBIAN/md5sums', content: md5sums(root) },
      ...MAINTAINER_SCRIPTS.map((name) => ({ path: `DEBIAN/${name}`, mode: 0o755, content: scriptOf(name) })),
    ];
    stage(root, control, build.epoch);
    const compression = values.fast ? ['-Zzstd', '-z1'] : ['-Zxz', '-z6'];
    // With several threads the bytes would depend on the builder's processors.
    execFileSync('dpkg-deb', ['--root-owner-group', '--threads-max=1', ...compression, '--build', root, file], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(build.epoch), LC_ALL: 'C' }, stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  process.stdout.write(`${file}\n`);
}

function epochOf(env: NodeJS.ProcessEnv): number {
  const text = env['SOURCE_DATE_EPOCH'] ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: projectRoot, encoding: 'utf8' }).trim();
  const epoch = Number(text);
  if (!Number.isInteger(epoch) || epoch < 0) throw new Error(`SOURCE_DATE_EPOCH ${text} is no number of seconds`);
  return epoch;
}

function controlFile({ architecture, version }: { readonly architecture: Architecture; readonly version: string }, size: number): string {
  return `Package: cassandra-cdc-agent
Version: ${version}
Architecture: ${architecture}
Maintainer: ${MAINTAINER}
Installed-Size: ${size}
Pre-Depends: init-system-helpers (>= 1.54)
Depends: libc6 (>= 2.28), libstdc++6 (>= 8), libgcc-s1, systemd (>= 247) | systemd-standalone-sysusers, systemd (>= 247) | systemd-standalone-tmpfiles
Recommends: acl, systemd-sysv
Section: database
Priority: optional
Description: change events of a Cassandra node, from its commit log into Kafka
 Runs beside each Apache Cassandra node (4.0, 4.1, 5.0), reads the commit-log
 segments in cdc_raw itself, keeps the changes whose partition this node owns,
 and publishes them to Kafka as keyed events, in order and exactly once.
 .
 Carries its own Node; nothing is installed into Cassandra.
`;
}

main();
