/** Findings for people, 80 columns wide and clear without colour, and for programs. */
import { wrapped } from '../observe/wrap.js';
import type { Finding, Status } from './finding.js';

const INDENT = '      ';
const LAYOUT = { width: 80, indent: INDENT } as const;

/**
 *   WARN  commit_log: written rows can be seen within 10 s (direct, periodic sync):
 *         no event can come sooner
 *         fix: set "commitlog_sync_period: 200ms" in cassandra.yaml
 *           $ a command is never broken
 */
export function findingText({ name, status, message, fix, commands = [] }: Finding): string {
  const lines = [...wrapped(`${status.toUpperCase().padEnd(INDENT.length)}${name}: ${message}`, LAYOUT), ...(fix === undefined ? [] : wrapped(`${INDENT}fix: ${fix}`, LAYOUT)), ...commands.map((command) => `${INDENT}  $ ${command}`)];
  return `${lines.join('\n')}\n`;
}

export function summaryText(findings: readonly Finding[]): string {
  const { ok, warn, fail } = counts(findings);
  return `\n${ok} OK, ${warn} WARN, ${fail} FAIL\n`;
}

/** One object: `{"ok":…,"counts":{"ok":…,"warn":…,"fail":…},"checks":[{"name","status","message","fix"?,"commands"?}…]}`. */
export function reportJson(findings: readonly Finding[]): string {
  const { fail } = counts(findings);
  return `${JSON.stringify({ ok: fail === 0, counts: counts(findings), checks: findings })}\n`;
}

export function counts(findings: readonly Finding[]): Record<Status, number> {
  const all: Record<Status, number> = { ok: 0, warn: 0, fail: 0 };
  for (const { status } of findings) all[status]++;
  return all;
}
