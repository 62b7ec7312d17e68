/** Tables and keyspaces: what is captured, and whether all of it can be. */
import { replicationFromRows, type SystemSchemaRows } from '../../../parsers/index.js';
import type { Facts } from '../facts.js';
import { fail, ok, warn, type Finding } from '../finding.js';

const SHOWN = 5;

export async function checkTables(facts: Facts): Promise<Finding[]> {
  const { value, error } = await facts.tables();
  if (error !== undefined) return [warn('tables', 'tables are not checked: the node can\'t be asked')];
  const { captured, wanted } = value;
  if (captured.length === 0) return [warn('tables', 'no table has cdc = true: there will be no events', { fix: 'turn it on for a table:', commands: ['cqlsh -e "ALTER TABLE keyspace.table WITH cdc = true"'] })];
  if (wanted.length === 0) return [warn('tables', `none of the ${captured.length} tables with cdc = true is in tables.include: there will be no events`, { fix: 'correct tables.include and tables.exclude' })];
  const findings = [ok('tables', `${wanted.length} of ${captured.length} tables with cdc = true will be published: ${listed(wanted.map(({ keyspace, name }) => `${keyspace}.${name}`))}`)];
  const counters = wanted.filter(({ isCounter }) => isCounter);
  if (counters.length > 0) findings.push(warn('counters', `${listed(counters.map(({ keyspace, name }) => `${keyspace}.${name}`))}: the log holds running totals of counters by replica, not the change that was asked for`, { fix: 'read these events as "has changed", or exclude the tables' }));
  return findings;
}

export async function checkDurableWrites(facts: Facts): Promise<Finding[]> {
  const [{ value: tables }, { value: schema }] = [await facts.tables(), await facts.schema()];
  if (tables === undefined || schema === undefined) return [];
  const keyspaces = new Set(tables.wanted.map(({ keyspace }) => keyspace));
  const volatile = keyspaceRows(schema).filter(({ keyspace_name: name, durable_writes: durable }) => durable === false && keyspaces.has(String(name))).map((row) => String(row['keyspace_name']));
  if (volatile.length > 0) {
    return [fail('durable_writes', `durable_writes is false for ${listed(volatile)}: its writes never reach the commit log`, { fix: 'turn it on:', commands: volatile.map((name) => `cqlsh -e 'ALTER KEYSPACE "${name}" WITH durable_writes = true'`) })];
  }
  return keyspaces.size === 0 ? [] : [ok('durable_writes', 'durable_writes is on for every keyspace that is published')];
}

export async function checkDatacenter(facts: Facts): Promise<Finding[]> {
  const [{ value: tables }, { value: schema }, { value: node }] = [await facts.tables(), await facts.schema(), await facts.node()];
  const { mode, datacenter } = facts.config.ownership;
  if (tables === undefined || schema === undefined || node === undefined || mode !== 'owner') return [];
  const replication = replicationFromRows(schema);
  for (const keyspace of new Set(tables.wanted.map((table) => table.keyspace))) {
    const problem = facts.ports.replicationProblem(keyspace, replication.get(keyspace) ?? {});
    if (problem !== null) return [fail('datacenter', `${problem.message}: nobody can say which node publishes`, { fix: problem.fix })];
  }
  const spread = new Map<string, string[]>();
  for (const { keyspace } of tables.wanted) {
    const datacenters = Object.keys(replication.get(keyspace) ?? {}).filter((name) => name !== 'class' && name !== 'replication_factor');
    if (datacenters.length > 0) spread.set(keyspace, datacenters);
  }
  if (datacenter === undefined) {
    const several = [...spread].find(([, datacenters]) => datacenters.length > 1);
    if (several === undefined) return [];
    return [fail('datacenter', `keyspace ${several[0]} is replicated to ${several[1].join(' and ')}: which of them publishes?`, { fix: `set ownership.datacenter on every agent of the cluster, for example to ${several[1][0]}` })];
  }
  const without = [...spread].filter(([, datacenters]) => !datacenters.includes(datacenter)).map(([keyspace]) => keyspace);
  if (without.length > 0) return [fail('datacenter', `ownership.datacenter is ${datacenter}, where ${listed(without)} has no replica: nobody would publish it`, { fix: 'correct ownership.datacenter' })];
  if (node.datacenter !== datacenter) return [ok('datacenter', `${datacenter} publishes; this node is in ${node.datacenter} and publishes nothing`)];
  return [ok('datacenter', `${datacenter} publishes`)];
}

function keyspaceRows(schema: SystemSchemaRows): Record<string, unknown>[] {
  return (schema.keyspaces ?? []).map((row) => (typeof row === 'string' ? (JSON.parse(row) as Record<string, unknown>) : (row as Record<string, unknown>)));
}

function listed(names: readonly string[]): string {
  return names.length <= SHOWN ? names.join(', ') : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}
