/** `schema dump`: the file that `inspect --schema` takes, from a running node. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Secret } from '../config/secret.js';
import { replaceFile } from '../files/replace-file.js';
import type { TlsFiles } from '../files/tls-files.js';
import { cannotRead } from '../inspect/file-source.js';
import { Output } from '../inspect/output.js';
import type { CliIo } from './io.js';

interface SchemaDumpArguments {
  readonly contactPoint: string;
  readonly output?: string;
  readonly username?: string;
  readonly passwordFile?: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** Where the password may stand instead of a file: command lines are seen by everybody. */
const PASSWORD_VARIABLE = 'CASSANDRA_PASSWORD';

export function registerSchema(program: Command, io: CliIo): void {
  const schema = program.command('schema').description('schema files for `inspect --schema`').addHelpText('after', EXAMPLE);
  schema.command('dump')
    .description('write the rows of system_schema from a running node, as `inspect --schema` reads them')
    .option('--contact-point <host:port>', 'the node', '127.0.0.1:9042')
    .option('-o, --output <file>', 'replaced at once when all is read; standard output by default')
    .option('--username <name>', 'a role with LOGIN; no other right is needed')
    .option('--password-file <file>', `its password, or the variable ${PASSWORD_VARIABLE}`)
    .option('--tls', 'connect with TLS (implied by the options below)')
    .option('--tls-ca <file>', 'authority of the node\'s certificate, PEM')
    .option('--tls-cert <file>', 'certificate of the client, PEM')
    .option('--tls-key <file>', 'key of the client\'s certificate, PEM')
    .addHelpText('after', HELP)
    .action(async (options: SchemaDumpArguments) => {
      // The driver takes longer to load than most verbs take to run.
      const { dumpSystemSchema } = await import('../inspect/schema-dump.js');
      const { contactPoint, username, output } = options;
      const text = await dumpSystemSchema({ contactPoint, username, password: passwordOf(options, io), tls: tlsOf(options, io.cwd), signal: io.signal });
      if (output !== undefined) {
        await replaceFile(resolve(io.cwd, output), text, { mode: 0o644 });
        return;
      }
      const out = new Output(io.stdout);
      out.write(text);
      await out.drain();
    });
}

const EXAMPLE = `
Example:
  cassandra-cdc-agent schema dump --output schema.json`;
const HELP = `${EXAMPLE}
  cassandra-cdc-agent schema dump --contact-point 10.1.0.4:9042 \\
    --username cdc_agent --password-file password --output schema.json

Exit codes: 0 written, 64 wrong options, 69 no node answers, 74 a file can't be
read or written, 78 the login or the certificate is refused.`;

function passwordOf({ username, passwordFile }: SchemaDumpArguments, { cwd, env }: CliIo): Secret | undefined {
  if (username === undefined) return undefined;
  if (passwordFile === undefined) return new Secret(env[PASSWORD_VARIABLE] ?? '');
  const path = resolve(cwd, passwordFile);
  try {
    return new Secret(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch (cause) {
    throw cannotRead(path, cause);
  }
}

function tlsOf({ tls, tlsCa, tlsCert, tlsKey }: SchemaDumpArguments, cwd: string): TlsFiles | undefined {
  if (tls === undefined && tlsCa === undefined && tlsCert === undefined && tlsKey === undefined) return undefined;
  return {
    ...(tlsCa === undefined ? {} : { ca: resolve(cwd, tlsCa) }),
    ...(tlsCert === undefined ? {} : { cert: resolve(cwd, tlsCert) }),
    ...(tlsKey === undefined ? {} : { key: resolve(cwd, tlsKey) }),
  };
}
