/** Findings for people, 80 columns wide and clear without colour (a terminal gets it too), and for programs. */
import { GREEN, RED, RESET, YELLOW } from '../observe/terminal.js';
import { wrapped } from '../observe/wrap.js';
import type { Finding, Status } from './finding.js';

const INDENT = '      ';
const LAYOUT = { width: 80, indent: INDENT } as const;
const COLOUR: Readonly<Record<Status, string>> = { ok: GREEN, warn: YELLOW, fail: RED };

export interface Look {
  /** Only the words OK, WARN and FAIL have one. */
  readonly colour?: boolean;
}

/**
 *   WARN  commit_log: written rows can be seen within 10 s (direct, periodic sync):
 *         no event can come sooner
 *         fix: set "commitlog_sync_period: 200ms" in cassandra.yaml
 *           $ a command is never broken
 */
export function findingText({ name, status, message, fix, commands = [] }: Finding, { colour = false }: Look = {}): string {
  const lines = [...wrapped(`${status.toUpperCase().padEnd(INDENT.length)}${name}: ${message}`, LAYOUT), ...(fix === undefined ? [] : wrapped(`${INDENT}fix: ${fix}`, LAYOUT)), ...commands.map((command) => `${INDENT}  $ ${command}`)];
  // Behind the wrapping, which counts what can be seen.
  if (colour) lines[0] = lines[0].replace(/^\w+/, (word) => coloured(word, status));
  return `${lines.join('\n')}\n`;
}

export function summaryText(findings: readonly Finding[], { colour = false }: Look = {}): string {
  const all = counts(findings);
  const parts = (['ok', 'warn', 'fail'] as const).map((status) => {
    const part = `${all[status]} ${status.toUpperCase()}`;
    return colour && all[status] > 0 ? coloured(part, status) : part;
  });
  return `\n${parts.join(', ')}\n`;
}

function coloured(text: string, status: Status): string {
  return `${COLOUR[status]}${text}${RESET}`;
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
