/** `owner`: which node publishes a partition, and why. */
import type { Command } from 'commander';
import type { SystemSchemaRows, TableMetadata, Token } from '../../parsers/index.js';
import type { AgentConfig } from '../config/declaration.js';
import { EXIT, UsageError } from '../errors.js';
import type { Explanation } from '../ring/explain.js';
import type { NodeInMotion } from '../ring/gossip.js';
import { DEFAULT_CONFIG } from './check.js';
import type { CliIo } from './io.js';

interface OwnerArguments {
  readonly config: string;
  readonly keyspace: string;
  readonly table?: string;
  readonly key: readonly string[];
  readonly token?: string;
  readonly json?: boolean;
}

const HELP = `
A key is written as in CQL or as in JSON, one --key for each column of the
partition key; or all of it in one: a JSON object by column name, such as the
key of an event, or a list. 0x… are bytes.

Examples:
  cassandra-cdc-agent owner --keyspace shop --table orders --key 42
  cassandra-cdc-agent owner --keyspace shop --table carts \\
    --key emea --key 2026-11-22
  cassandra-cdc-agent owner --keyspace shop --table orders \\
    --key '{"customer": 42, "id": 7}'
  cassandra-cdc-agent owner --keyspace shop --token -4069959284402364209

The ring is that of now; the agent judges by the ring of the time of the write.
Exit codes: 0 answered, 1 nobody publishes it, 64 wrong options, 69 the node
does not answer.`;

export function registerOwner(program: Command, io: CliIo): void {
  program.command('owner')
    .description('print token, replicas in order, and which of them publishes a partition, with the reason')
    .option('-c, --config <file>', 'the configuration', DEFAULT_CONFIG)
    .requiredOption('--keyspace <name>', 'as in system_schema: without quotation marks, in its own case')
    .option('--table <name>', 'for --key')
    .option('--key <value>', 'the partition key; again for each further column', (value: string, before: readonly string[]) => [...before, value], [] as readonly string[])
    .option('--token <number>', 'a token in place of a key')
    .option('--json', 'answer with one JSON object')
    .addHelpText('after', HELP)
    .action((options: OwnerArguments) => owner(options, io));
}

async function owner(options: OwnerArguments, io: CliIo): Promise<void> {
  const { keyspace, table, key, token, json = false } = options;
  if ((token === undefined) === (key.length === 0)) throw new UsageError('owner_options', 'one of --key and --token is needed', { fix: 'give the partition key, or its token' });
  if (token === undefined && table === undefined) throw new UsageError('owner_options', '--key needs --table', { fix: 'give the table whose key it is: the types of its columns are needed' });
  const { readConfigFile } = await import('../config/files.js');
  const { config } = readConfigFile(options.config, io);
  const { explanation, keyHex, inMotion, isCdc } = await ask(config, { keyspace, table, key, token }, io.signal);
  io.stdout.write(json ? jsonOf(explanation, { table, keyHex, inMotion, isCdc }) : textOf(explanation, { table, keyHex, inMotion, isCdc }));
  if (!explanation.replicas.some(({ publishes }) => publishes)) io.setExitCode(EXIT.problems);
}

interface Question {
  readonly keyspace: string;
  readonly table: string | undefined;
  readonly key: readonly string[];
  readonly token: string | undefined;
}

interface Details {
  readonly table: string | undefined;
  readonly keyHex: string | undefined;
  readonly inMotion: readonly NodeInMotion[];
  /** Of the table; true when none was named. */
  readonly isCdc: boolean;
}

async function ask(config: AgentConfig, question: Question, signal: AbortSignal): Promise<Omit<Details, 'table'> & { readonly explanation: Explanation }> {
  // The driver takes longer to load than most verbs take to run.
  const [{ CassandraSession }, { sessionOptionsOf }, { readSystemSchema }, { lookAtRing }, { explainOwner }, parsers] = await Promise.all([
    import('../cassandra/session.js'), import('../cassandra/session-options.js'), import('../cassandra/system-schema.js'), import('../ring/look.js'), import('../ring/explain.js'), import('../../parsers/index.js'),
  ]);
  const session = new CassandraSession(sessionOptionsOf(config.cassandra));
  try {
    const { ring, localHostId, inMotion } = await lookAtRing(session, signal);
    const rows = (await readSystemSchema(session, { signal })).rows as unknown as SystemSchemaRows;
    const replicationOptions = parsers.replicationFromRows(rows).get(question.keyspace);
    if (replicationOptions === undefined) throw new UsageError('owner_keyspace', `there is no keyspace ${question.keyspace}`, { fix: 'names are written as in system_schema: lower case unless they were created in quotation marks' });
    const table = question.table === undefined ? undefined : tableOf(parsers.schemaFromRows(rows), question);
    const { token, keyHex } = table === undefined || question.token !== undefined ? { token: await parsedToken(question.token ?? ''), keyHex: undefined } : await tokenOfKey(table, question.key);
    const { mode, datacenter } = config.ownership;
    return { explanation: explainOwner(ring, { keyspace: question.keyspace, replicationOptions, token, localHostId, mode, datacenter }), keyHex, inMotion, isCdc: table?.isCdc ?? true };
  } finally {
    await session.close();
  }
}

function tableOf(tables: readonly TableMetadata[], { keyspace, table }: Question): TableMetadata {
  const found = tables.find((one) => one.keyspace === keyspace && one.name === table);
  if (found === undefined) throw new UsageError('owner_table', `there is no table ${keyspace}.${table}`, { fix: 'names are written as in system_schema: lower case unless they were created in quotation marks' });
  return found;
}

async function parsedToken(text: string): Promise<Token> {
  const { parseToken } = await import('../ring/token-array.js');
  const token = parseToken(text);
  if (token === null) throw new UsageError('owner_token', `${text} is no token`, { fix: 'a token is a signed 64-bit number, as `SELECT token(…)` prints it' });
  return token;
}

async function tokenOfKey(table: TableMetadata, key: readonly string[]): Promise<{ readonly token: Token; readonly keyHex: string }> {
  const [{ partitionKeyBytes }, { KeyError }, { tokenOf }] = await Promise.all([import('../ring/key/partition-key.js'), import('../ring/key/literal.js'), import('../../parsers/index.js')]);
  try {
    const bytes = partitionKeyBytes(table, key);
    return { token: tokenOf(bytes, 0, bytes.length, { hi: 0, lo: 0 }), keyHex: bytes.toString('hex') };
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    throw new UsageError('owner_key', `the key can't be read: ${error.message}`, { fix: 'write it as in CQL or as in JSON; run `owner --help` for examples', cause: error });
  }
}

function textOf({ token, keyspace, replication, replicas, reason, fix }: Explanation, { table, inMotion, isCdc }: Details): string {
  const place = (datacenter: string, rack: string): string => `${datacenter}/${rack}`;
  const [addressWidth, placeWidth] = [Math.max(0, ...replicas.map(({ node }) => node.address.length)), Math.max(0, ...replicas.map(({ node }) => place(node.datacenter, node.rack).length))];
  const lines = replicas.map(({ node, isFull, isLocal, publishes }, i) => {
    const marks = [publishes ? 'publishes' : '', isFull ? '' : 'transient', isLocal ? 'this node' : ''].filter((mark) => mark !== '');
    return `  ${i + 1}  ${node.address.padEnd(addressWidth)}  ${place(node.datacenter, node.rack).padEnd(placeWidth)}  ${node.hostId}  ${marks.join(', ')}`.trimEnd();
  });
  return [
    `token        ${token}`,
    `${table === undefined ? 'keyspace   ' : 'table      '}  ${keyspace}${table === undefined ? '' : `.${table}`}${isCdc ? '' : ' (cdc = false: none of its changes is published)'}`,
    `replication  ${replication}`,
    ...(lines.length === 0 ? [] : ['replicas', ...lines]),
    `reason       ${reason}`,
    ...(fix === undefined ? [] : [`fix          ${fix}`]),
    ...(inMotion.length === 0 ? [] : [`changing     ${inMotion.map(({ address, state }) => `${address} ${state}`).join(', ')}`]),
  ].join('\n') + '\n';
}

function jsonOf({ token, keyspace, replication, datacenter, replicas, reason, fix }: Explanation, { table, keyHex, inMotion, isCdc }: Details): string {
  return `${JSON.stringify({
    token, keyspace, ...(table === undefined ? {} : { table, cdc: isCdc }), ...(keyHex === undefined ? {} : { key_hex: keyHex }),
    replication, datacenter,
    replicas: replicas.map(({ node, isFull, isLocal, publishes }) => ({ address: node.address, host_id: node.hostId, datacenter: node.datacenter, rack: node.rack, full: isFull, local: isLocal, publishes })),
    reason, fix: fix ?? null, changing: inMotion,
  })}\n`;
}
