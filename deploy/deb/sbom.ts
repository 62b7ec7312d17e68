/**
 * `npm run sbom`: what the package is made of, as CycloneDX 1.5, on standard output. npm's own list, with the Node that the
 * package carries, and without what differs from run to run.
 */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './paths.js';
import { pinnedRuntime, type Architecture } from './runtime.js';

interface Component {
  readonly 'bom-ref': string;
  readonly properties?: readonly { readonly name: string }[];
  readonly [other: string]: unknown;
}

interface Bom {
  serialNumber?: string;
  metadata: { timestamp: string; tools?: unknown; component: { readonly 'bom-ref': string; name: string } };
  components: Component[];
  dependencies: { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** npm marks what only development needs. Its own `--omit=dev` also leaves out what both need. */
function withoutDevelopment(bom: Bom): Bom {
  const components = bom.components.filter(({ properties = [] }) => !properties.some(({ name }) => name === 'cdx:npm:package:development'));
  const kept = new Set([bom.metadata.component['bom-ref'], ...components.map((component) => component['bom-ref'])]);
  const dependencies = bom.dependencies.filter(({ ref }) => kept.has(ref)).map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => kept.has(one)) }));
  return { ...bom, components, dependencies };
}

/** `epoch`: seconds. */
export function sbom(architecture: Architecture, epoch: number): string {
  const bom = withoutDevelopment(JSON.parse(execFileSync('npm', ['sbom', '--sbom-format=cyclonedx'], { cwd: projectRoot, encoding: 'utf8', maxBuffer: 1 << 26 })) as Bom);
  const { version, architectures } = pinnedRuntime();
  delete bom.serialNumber;
  // The builder's npm: the package shall be the same bytes with another.
  delete bom.metadata.tools;
  bom.metadata.timestamp = new Date(epoch * 1000).toISOString();
  // npm takes it from the directory of the checkout.
  bom.metadata.component.name = 'cassandra-cdc-agent';
  bom.components.push({
    'bom-ref': `node@${version}`, type: 'platform', name: 'node', version, scope: 'required', purl: `pkg:npm/${architectures[architecture].package}@${version}`,
    hashes: [{ alg: 'SHA-256', content: architectures[architecture].sha256 }], licenses: [{ license: { id: 'MIT' } }],
  });
  bom.components.sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1));
  bom.dependencies.sort((a, b) => (a.ref < b.ref ? -1 : 1));
  return `${JSON.stringify(bom, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.stdout.write(sbom('amd64', Number(process.env['SOURCE_DATE_EPOCH'] ?? Date.now() / 1000)));
