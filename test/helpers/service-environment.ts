/** The environment that systemd gives the agent, as its unit has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.js';

export function serviceEnvironment(): Record<string, string> {
  const unit = readFileSync(join(projectRoot, 'systemd/cassandra-cdc-agent.service'), 'utf8');
  const pairs = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, line]) => line.split(' '));
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}
