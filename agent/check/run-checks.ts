/** All checks, in the order in which an operator would set things up. */
import type { Facts } from './facts.js';
import { fail, type Finding } from './finding.js';
import { checkClock, checkLogin, checkNode } from './checks/cassandra.js';
import { checkBlocking, checkCdcEnabled, checkEncryption, checkLatency, checkSources, checkSpace } from './checks/cdc-settings.js';
import { checkCertificates } from './checks/certificates.js';
import { checkColumns } from './checks/columns.js';
import { checkCdcRaw, checkSpool, checkState, checkUser } from './checks/files.js';
import { checkKafka, checkTopics } from './checks/kafka.js';
import { checkConfig, checkSecrets } from './checks/secrets.js';
import { checkDatacenter, checkDurableWrites, checkTables } from './checks/tables.js';

export type Check = (facts: Facts) => Promise<Finding[]>;

export const CHECKS: readonly Check[] = [
  checkConfig, checkUser, checkSecrets, checkState,
  checkNode, checkLogin, checkSources, checkCdcEnabled, checkLatency, checkBlocking, checkSpace, checkEncryption, checkClock,
  checkTables, checkColumns, checkDurableWrites, checkDatacenter,
  checkCdcRaw, checkSpool,
  checkKafka, checkTopics, checkCertificates,
];

/** One check that breaks is a finding; the others go on. Findings are handed over as they come. */
export async function runChecks(facts: Facts, each: (finding: Finding) => void, { checks = CHECKS, signal }: { readonly checks?: readonly Check[]; readonly signal?: AbortSignal } = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    signal?.throwIfAborted();
    let found: Finding[];
    try {
      found = await check(facts);
    } catch (error) {
      found = [fail(check.name, `the check itself failed: ${error instanceof Error ? error.message : String(error)}`, { fix: 'this is a bug in the agent: report it with this text' })];
    }
    for (const finding of found) each(finding);
    findings.push(...found);
  }
  return findings;
}
