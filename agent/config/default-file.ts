/** Where an installed agent has its configuration. */
export const DEFAULT_CONFIG = '/etc/cassandra-cdc-agent/agent.yaml';
