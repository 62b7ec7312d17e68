/** `version`: what runs here, for people and for reports. */
import type { Command } from 'commander';
import { VERSION } from '../version.js';
import type { CliIo } from './io.js';

export function registerVersion(program: Command, io: CliIo): void {
  program
    .command('version')
    .description('print the versions of the agent and of what it runs on')
    .option('--json', 'as one JSON object')
    .addHelpText('after', '\nExample:\n  cassandra-cdc-agent version --json')
    .action(({ json }: { readonly json?: boolean }) => {
      const versions = { version: VERSION, node: process.versions.node, openssl: process.versions.openssl, platform: process.platform, arch: process.arch };
      const text = json === true ? JSON.stringify(versions) : `cassandra-cdc-agent ${versions.version}\nnode ${versions.node}\nopenssl ${versions.openssl}\nplatform ${versions.platform}-${versions.arch}`;
      io.stdout.write(`${text}\n`);
    });
}
