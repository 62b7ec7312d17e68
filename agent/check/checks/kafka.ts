/** Kafka: reachable, and everything allowed that publishing needs. */
import { OperatorError } from '../../errors.js';
import type { Facts } from '../facts.js';
import { bytesText, fail, ok, warn, type Finding } from '../finding.js';
import type { KafkaAnswers, KafkaTopic } from '../ports.js';

/** Kafka's own default of max.message.bytes: 1 MiB and a batch's overhead. */
const USUAL_MESSAGE_BYTES = 1_048_588;
const SHOWN = 5;

export async function checkKafka(facts: Facts): Promise<Finding[]> {
  const { value: answers, error } = await facts.kafka();
  if (error !== undefined) return [fail('kafka', error.message, error instanceof OperatorError && error.fix !== undefined ? { fix: error.fix } : {})];
  const { tls, sasl } = facts.config.kafka;
  const how = [tls === undefined ? 'without TLS' : tls.cert === undefined ? 'over TLS' : 'over mutual TLS', ...(sasl === undefined ? [] : [`with ${sasl.mechanism}`])].join(', ');
  const findings = [ok('kafka', `${answers.brokers.length} ${answers.brokers.length === 1 ? 'broker answers' : 'brokers answer'}, ${how}`)];
  const node = (await facts.node()).value;
  if (node === undefined) return [...findings, warn('kafka_rights', 'rights on the transactional id are not checked: its name needs the node\'s host id')];
  const id = facts.ports.kafka.transactionalIdOf(node);
  return [...findings, ...transactionalId(facts, answers, id), ...group(facts, answers, id)];
}

function acl(facts: Facts, rights: string): readonly string[] {
  const principal = facts.config.kafka.sasl?.username ?? 'AGENT';
  return [`kafka-acls.sh --bootstrap-server ${facts.config.kafka.brokers.map(({ host, port }) => `${host}:${port}`)[0]} --add --allow-principal User:${principal} ${rights}`];
}

function transactionalId(facts: Facts, { transactionalId: answer }: KafkaAnswers, id: string): Finding[] {
  switch (answer) {
    case 'allowed': return [ok('kafka_transactional_id', `transactions are allowed as ${id}`)];
    case 'denied': return [fail('kafka_transactional_id', `Kafka allows no transactions as ${id}`, { fix: 'allow Write on the transactional id:', commands: acl(facts, `--operation Write --transactional-id '${id}'`) })];
    case 'timeout too long': return [fail('kafka_transactional_id', `kafka.transaction.timeout is longer than the brokers' transaction.max.timeout.ms`, { fix: 'shorten kafka.transaction.timeout' })];
    case 'unknown': return [warn('kafka_transactional_id', `whether transactions are allowed as ${id} can't be seen`)];
  }
}

function group(facts: Facts, { mayReadGroup }: KafkaAnswers, id: string): Finding[] {
  if (mayReadGroup === true) return [ok('kafka_group', 'the position may be read and committed')];
  if (mayReadGroup === null) return [warn('kafka_group', `rights on the group ${id} can't be seen`)];
  return [fail('kafka_group', `Kafka does not let the agent read the group ${id}, which holds the position`, { fix: 'allow Read on the group:', commands: acl(facts, `--operation Read --group '${id}'`) })];
}

export async function checkTopics(facts: Facts): Promise<Finding[]> {
  const { value: answers } = await facts.kafka();
  if (answers === undefined) return [];
  const position = facts.ports.kafka.positionTopic();
  const found = answers.topics;
  const { create } = facts.config.kafka.topics;
  const findings: Finding[] = [];
  const denied = found.filter(({ isDenied }) => isDenied);
  if (denied.length > 0) {
    findings.push(fail('kafka_topics', `Kafka hides or refuses ${listed(denied)}`, {
      fix: `allow Write on the event topics${denied.some(({ name }) => name === position) ? `, Read on ${position}` : ''}, and make them when they are missing:`,
      commands: denied.slice(0, SHOWN).flatMap(({ name }) => acl(facts, `--operation ${name === position ? 'Read' : 'Write'} --topic ${name}`)),
    }));
  }
  const missing = found.filter(({ exists, isDenied }) => !exists && !isDenied);
  if (missing.length > 0) findings.push(...missingTopics(facts, { missing, create, mayCreate: answers.mayCreateTopics }));
  findings.push(...wrongRights(facts, found, position));
  const one = found.find(({ name, exists }) => name === position && exists);
  if (one !== undefined && one.partitions !== 1) findings.push(warn('kafka_position', `${position} has ${one.partitions} partitions; the position stands in the first`, { fix: 'nothing, or make the topic anew with 1 partition before the first start' }));
  if (findings.length === 0) findings.push(ok('kafka_topics', `${found.length} topics are there, with the rights that publishing needs`));
  return [...findings, ...messageSizes(facts, found.filter(({ exists, name }) => exists && name !== position))];
}

function missingTopics(facts: Facts, { missing, create, mayCreate }: { readonly missing: readonly KafkaTopic[]; readonly create: boolean; readonly mayCreate: boolean | null }): Finding[] {
  const { partitions, replication_factor: replicas } = facts.config.kafka.topics;
  const position = facts.ports.kafka.positionTopic();
  const server = facts.config.kafka.brokers.map(({ host, port }) => `${host}:${port}`)[0];
  if (create && mayCreate !== false) return [ok('kafka_topics', `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} missing and will be made (kafka.topics.create)`)];
  const commands = missing.slice(0, SHOWN).map(({ name }) => `kafka-topics.sh --bootstrap-server ${server} --create --topic ${name} --partitions ${name === position ? 1 : partitions} --replication-factor ${replicas}`);
  return [fail('kafka_topics', `${listed(missing)} ${missing.length === 1 ? 'does' : 'do'} not exist${create ? ', and Kafka lets the agent make no topics' : ''}`, { fix: create ? 'allow Create, or make them:' : 'make them, or set kafka.topics.create: true:', commands })];
}

function wrongRights(facts: Facts, topics: readonly KafkaTopic[], position: string): Finding[] {
  const existing = topics.filter(({ exists }) => exists);
  const unwritable = existing.filter(({ name, mayWrite }) => name !== position && mayWrite === false);
  const findings: Finding[] = [];
  if (unwritable.length > 0) findings.push(fail('kafka_topics', `Kafka does not let the agent write ${listed(unwritable)}`, { fix: 'allow Write:', commands: unwritable.slice(0, SHOWN).flatMap(({ name }) => acl(facts, `--operation Write --topic ${name}`)) }));
  if (existing.some(({ name, mayRead }) => name === position && mayRead === false)) findings.push(fail('kafka_position', `Kafka does not let the agent read ${position}`, { fix: 'allow Read:', commands: acl(facts, `--operation Read --topic ${position}`) }));
  return findings;
}

function messageSizes(facts: Facts, topics: readonly KafkaTopic[]): Finding[] {
  const known = topics.filter(({ maxMessageBytes }) => maxMessageBytes !== null);
  if (topics.length > 0 && known.length === 0) return [ok('kafka_message_size', 'max.message.bytes can\'t be seen (that would need DescribeConfigs); events above it are found out when they come')];
  const small = known.filter(({ maxMessageBytes }) => (maxMessageBytes as number) < USUAL_MESSAGE_BYTES);
  if (small.length === 0) return [];
  const least = Math.min(...small.map(({ maxMessageBytes }) => maxMessageBytes as number));
  const policy = facts.config.kafka.on_oversized_event === 'stop' ? 'one event above it stops the agent' : 'events above it go to the dead-letter topic';
  return [warn('kafka_message_size', `max.message.bytes of ${listed(small)} is ${bytesText(least)}: ${policy}`, { fix: 'raise max.message.bytes to what your largest rows need' })];
}

function listed(topics: readonly KafkaTopic[]): string {
  const names = topics.map(({ name }) => name);
  return names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}
