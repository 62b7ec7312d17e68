/** The state in one line, as `systemctl status` shows it: `tailing, 12 ms behind, 1893 events/s, at 1795360528614:129746`. */
import type { AgentState } from '../observe/agent-state.js';
import { humanBytes, humanDuration } from '../observe/humanise.js';

const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;

export function statusLine(state: AgentState): string {
  const { state: phase, state_reason: reason, position, lag, events, gaps, cdc_raw: raw } = state;
  const words = phase.replaceAll('_', ' ');
  const parts = [reason === null ? words : `${words}: ${reason}`];
  if (state.ready) {
    if (lag.seconds !== null) parts.push(`lag ${humanDuration(lag.seconds * MS_PER_SECOND)}`);
    if (lag.bytes !== null && phase === 'catching_up') parts.push(`${humanBytes(lag.bytes)} to read`);
    parts.push(`${Math.round(events.per_second)} events/s`);
  }
  if (position !== null) parts.push(`at ${position}`);
  if (raw !== null && raw.minutes_until_full !== null) parts.push(`cdc_raw full in ${humanDuration(raw.minutes_until_full * MS_PER_MINUTE)}`);
  if (gaps.count > 0) parts.push(`${gaps.count} gap${gaps.count === 1 ? '' : 's'}`);
  return parts.join(', ');
}
