/** CQL sessions that stay on one node, as the agent's own do. */
import { Client, policies, types, type ClientOptions } from 'cassandra-driver';
import { NATIVE_PORT } from './cassandra-config.js';

/** A connected client whose every statement is coordinated by the node at `address`. */
export async function connect(address: string, options: Partial<ClientOptions> = {}): Promise<Client> {
  const contactPoint = `${address}:${NATIVE_PORT}`;
  const local = new policies.loadBalancing.AllowListPolicy(new policies.loadBalancing.RoundRobinPolicy(), [contactPoint]);
  const client = new Client({
    contactPoints: [contactPoint],
    socketOptions: { connectTimeout: 5000, readTimeout: 30_000 },
    pooling: { coreConnectionsPerHost: { [types.distance.local]: 1 } },
    ...options,
    policies: { loadBalancing: local, ...options.policies },
  });
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.shutdown().catch(() => undefined);
    throw error;
  }
}
