/** Damage for people: a line per group with the fix, and the places. */
import type { DamageGroup } from './damage-log.js';
import type { SegmentSummary } from './segment-summary.js';
import { count, counted, printable, wrap } from './text.js';

/** What the bytes are whole for but the schema or key is not. */
const NOT_OF_THE_FILE: ReadonlySet<string> = new Set(['mutation_malformed', 'unknown_column', 'value_invalid', 'encryption_key_missing', 'encryption_key_wrong', 'compression_unsupported', 'descriptor_version', 'descriptor_id_mismatch']);

export function everyChecksumHolds(summary: SegmentSummary): boolean {
  return summary.damage.groups.every(({ code }) => NOT_OF_THE_FILE.has(code));
}

/** Lines for the summary of one segment. */
export function damageLines(groups: readonly DamageGroup[]): string[] {
  return groups.flatMap((group) => {
    const where = group.table === undefined ? '' : ` in ${group.table}`;
    const lines = [`    ${group.code}${where}, ${counted(group.count, 'place')}`];
    for (const { position, message } of group.places) lines.push(wrap(`      at ${count(position)}: ${printable(message)}`, '        '));
    if (group.count > group.places.length) lines.push(`      … and ${count(group.count - group.places.length)} more`);
    lines.push(wrap(`      fix: ${group.fix}`, '        '));
    return lines;
  });
}

/** One line per kind of damage and its fix, over all segments: for standard error, beside machine-readable output. */
export function damageNotes(summaries: readonly SegmentSummary[]): string {
  const notes = new Map<string, { readonly group: DamageGroup; readonly name: string; total: number }>();
  for (const { input, damage } of summaries) {
    for (const group of damage.groups) {
      const key = `${group.code} ${group.table ?? ''}`;
      const note = notes.get(key);
      if (note === undefined) notes.set(key, { group, name: input.name, total: group.count });
      else note.total += group.count;
    }
  }
  return [...notes.values()].map(({ group, name, total }) => {
    const [first] = group.places;
    const times = total === 1 ? '' : ` (${counted(total, 'place')})`;
    return `damaged: ${name} at ${first.position}: ${printable(first.message)} (${group.code})${times}\nfix:     ${group.fix}\n`;
  }).join('');
}
