/** `check`: everything that could go wrong, before it does. Looks only: nothing is written, no running agent is disturbed. */
import { networkInterfaces, userInfo } from 'node:os';
import type { Command } from 'commander';
import type { CheckPorts, KafkaPort } from '../check/ports.js';
import { DEFAULT_CONFIG } from '../config/default-file.js';
import type { AgentConfig } from '../config/declaration.js';
import type { ConfigProblem } from '../errors.js';
import { ConfigError, EXIT } from '../errors.js';
import type { Finding } from '../check/finding.js';
import { isPlainWanted, isTerminal } from '../observe/terminal.js';
import type { CliIo } from './io.js';

export { DEFAULT_CONFIG };

interface CheckArguments {
  readonly config: string;
  readonly json?: boolean;
}

const HELP = `
Run it as the agent's user, so that its rights are seen; where the package is
installed, as the service sees them, credentials and sandbox included.

Examples:
  cassandra-cdc-agent-as-service check
  sudo -u cassandra-cdc cassandra-cdc-agent check
  cassandra-cdc-agent check --config agent.yaml --json | jq .counts

Exit codes: 0 nothing FAILs, 1 something does.`;

export function registerCheck(program: Command, io: CliIo): void {
  program.command('check')
    .description('check configuration, node, directories and Kafka: each line OK, WARN or FAIL, with the fix')
    .option('-c, --config <file>', 'the configuration', DEFAULT_CONFIG)
    .option('--json', 'answer with one JSON object')
    .addHelpText('after', HELP)
    .action((options: CheckArguments) => check(options, io));
}

async function check({ config: file, json = false }: CheckArguments, io: CliIo): Promise<void> {
  // The drivers take longer to load than most verbs take to run.
  const { reportJson, findingText, summaryText } = await import('../check/report.js');
  const look = { colour: isTerminal(io.stdout) && !isPlainWanted(io.env) };
  const show = (finding: Finding): void => void (json || io.stdout.write(findingText(finding, look)));
  const findings = await findingsOf(file, io, show);
  io.stdout.write(json ? reportJson(findings) : summaryText(findings, look));
  if (findings.some(({ status }) => status === 'fail')) io.setExitCode(EXIT.problems);
}

async function findingsOf(file: string, io: CliIo, show: (finding: Finding) => void): Promise<Finding[]> {
  const { readConfigFile } = await import('../config/files.js');
  let loaded: { readonly config: AgentConfig; readonly warnings: readonly ConfigProblem[] };
  try {
    loaded = readConfigFile(file, io);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = configFindings(error);
    for (const finding of findings) show(finding);
    return findings;
  }
  const { Facts } = await import('../check/facts.js');
  const { runChecks } = await import('../check/run-checks.js');
  const { ports, close } = await localPorts(loaded.config, io.signal);
  try {
    return await runChecks(new Facts({ ...loaded, file }, ports), show, { signal: io.signal });
  } finally {
    await close();
  }
}

/** Without a configuration nothing else can be looked at. */
function configFindings({ message, fix, problems }: ConfigError): Finding[] {
  if (problems.length === 0) return [{ name: 'config', status: 'fail', message, ...(fix === undefined ? {} : { fix }) }];
  return problems.map((one) => ({ name: 'config', status: 'fail', message: `${one.file}:${one.line}:${one.column} ${one.key === '' ? '' : `${one.key}: `}${one.message}`, fix: one.fix }));
}

async function localPorts(config: AgentConfig, signal: AbortSignal): Promise<{ readonly ports: CheckPorts; readonly close: () => Promise<void> }> {
  const [{ CassandraSession }, { sessionOptionsOf }, { nodePort }, { localFiles }, { localCertificates }, { parseReplication, replicationProblem }] = await Promise.all([
    import('../cassandra/session.js'), import('../cassandra/session-options.js'), import('../check/local-node.js'), import('../check/local-files.js'), import('../check/local-certificates.js'), import('../ring/replication.js'),
  ]);
  const session = new CassandraSession(sessionOptionsOf(config.cassandra));
  const { username: name, uid } = userInfo();
  const ports: CheckPorts = {
    files: localFiles,
    node: nodePort(session, signal),
    kafka: await kafkaPort(config),
    certificates: localCertificates,
    replicationProblem: (keyspace, options) => replicationProblem(keyspace, parseReplication(options)),
    user: { name, uid },
    addresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
    now: Date.now,
  };
  return { ports, close: () => session.close() };
}

async function kafkaPort({ kafka, events: { prefix } }: AgentConfig): Promise<KafkaPort> {
  const [{ probeKafka }, { kafkaOptionsOf }, { controlTopicOf }, { positionTopicOf, transactionalIdOf }] = await Promise.all([import('../publisher/kafka/probe.js'), import('../pipeline/kafka-options.js'), import('../pipeline/control-events.js'), import('../publisher/kafka/options.js')]);
  return {
    transactionalIdOf: ({ clusterName, hostId }) => transactionalIdOf({ prefix, cluster: clusterName, hostId }),
    positionTopic: () => positionTopicOf(prefix),
    controlTopic: () => controlTopicOf(prefix),
    deadLetterTopic: () => `${prefix}.dead_letter`,
    ask: async ({ transactionalId, topics }) => probeKafka({ kafka: await kafkaOptionsOf(kafka), transactionalId, topics, transactionTimeoutMs: kafka.transaction.timeout }),
  };
}
