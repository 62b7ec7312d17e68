/** The list of what the package is made of, against the lockfile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { licencesOf } from '../../deploy/deb/licences.js';
import { sbom } from '../../deploy/deb/sbom.js';
import { projectRoot } from '../helpers/project-root.js';

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
}

const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as { readonly packages: Readonly<Record<string, Locked>> };
const needed = Object.entries(packages).filter(([path, { dev = false }]) => path !== '' && !dev);
const nameOf = (path: string): string => path.replace(/^.*node_modules\//, '');

describe('what the package is made of', () => {
  const { components, dependencies } = JSON.parse(sbom('amd64', 0)) as {
    readonly components: readonly { readonly 'bom-ref': string; readonly type: string; readonly licenses: readonly unknown[] }[];
    readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  };

  it('is every package that is not for development only, also those that development needs too, and no other', () => {
    const named = components.filter(({ type }) => type !== 'platform').map((component) => component['bom-ref']);
    expect(named.sort()).to.deep.equal([...new Set(needed.map(([path, { version }]) => `${nameOf(path)}@${version}`))].sort());
    expect(named.some((name) => name.startsWith('chokidar@'))).to.equal(true);
  });

  it('says nothing of the builder: his npm and the order of its answer would change the package', () => {
    const { metadata } = JSON.parse(sbom('amd64', 0)) as { readonly metadata: Readonly<Record<string, unknown>> };
    expect(Object.keys(metadata).sort()).to.deep.equal(['component', 'lifecycles', 'timestamp']);
    const refs = components.map((component) => component['bom-ref']);
    expect(refs).to.deep.equal([...refs].sort());
  });

  it('names the direct dependencies, and depends on nothing that is not listed', () => {
    const direct = Object.keys((JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { readonly dependencies: object }).dependencies);
    const root = dependencies.find(({ ref }) => ref.startsWith('cassandra-cdc-agent@'));
    expect(root?.dependsOn.map((one) => one.replace(/@[^@]*$/, '')).sort()).to.deep.equal(direct.sort());
    const listed = new Set(components.map((component) => component['bom-ref']));
    expect(dependencies.flatMap(({ dependsOn }) => dependsOn).filter((one) => !listed.has(one))).to.deep.equal([]);
  });

  it('has a licence everywhere that may be redistributed', () => {
    expect(components.filter(({ licenses }) => licenses.length === 0)).to.deep.equal([]);
    expect(licencesOf([...new Set(needed.map(([path]) => path.replace(/^node_modules\//, '')))])).to.have.length.greaterThan(0);
  });
});
