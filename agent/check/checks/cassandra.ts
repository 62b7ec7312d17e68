/** The node itself: reachable, the right one, on this host. */
import { isLoopback } from '../../config/rules.js';
import { ConfigError, OperatorError } from '../../errors.js';
import type { Facts } from '../facts.js';
import { durationText, fail, ok, warn, type Finding } from '../finding.js';

const TESTED = /^(?:4\.0|4\.1|5\.0)(?:\D|$)/;
const CLOCK_TOLERANCE_MS = 1000;

export async function checkNode(facts: Facts): Promise<Finding[]> {
  const { value: node, error } = await facts.node();
  if (error !== undefined) {
    const fix = error instanceof OperatorError ? error.fix : undefined;
    return [fail('cassandra', error.message, fix === undefined ? {} : { fix })];
  }
  const at = facts.config.cassandra.contact_points.map(({ host, port }) => `${host}:${port}`).join(', ');
  const findings = [ok('cassandra', `Cassandra ${node.releaseVersion} answers at ${at}: host id ${node.hostId}, datacenter ${node.datacenter}, ${node.tokens.length} tokens`)];
  if (!TESTED.test(node.releaseVersion)) findings.push(warn('cassandra_version', `Cassandra ${node.releaseVersion} is not one of the releases that the agent is tested with (4.0, 4.1, 5.0)`, { fix: 'look for a release of the agent that names it' }));
  const { addresses } = facts.ports;
  // All of 127.0.0.0/8 is this host, whatever its interfaces list.
  if (![node.rpcAddress, node.listenAddress].some((address) => isLoopback(address) || addresses.includes(address))) {
    findings.push(warn('cassandra_local', `the node listens on ${node.listenAddress}, which is no address of this host`, { fix: 'run the agent beside the node that writes this cdc_raw; in a container that shares its volume this is as it should be' }));
  }
  return findings;
}

export async function checkLogin({ config }: Facts): Promise<Finding[]> {
  const { username, tls } = config.cassandra;
  if (username !== undefined && tls === undefined && !config.cassandra.contact_points.every(({ host }) => isLoopback(host))) {
    return [warn('cassandra_tls', 'the password goes to the node without TLS', { fix: 'add "tls: {}" under cassandra, and client_encryption_options to the node' })];
  }
  return Promise.resolve([]);
}

export async function checkClock(facts: Facts): Promise<Finding[]> {
  if ((await facts.node()).value === undefined) return [];
  const { now, node } = facts.ports;
  try {
    const before = now();
    const there = await node.now();
    const after = now();
    const off = there < before ? before - there : there > after ? there - after : 0;
    if (off <= CLOCK_TOLERANCE_MS) return [ok('clock', 'this host and the node agree on the time')];
    return [warn('clock', `the clocks of this host and the node are ${durationText(off)} apart`, { fix: 'let NTP keep both: lag and late changes are told by the clock' })];
  } catch (error) {
    if (error instanceof ConfigError) return [];
    return [warn('clock', `the node's clock can't be read: ${(error as Error).message}`)];
  }
}
