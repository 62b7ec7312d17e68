/** One record -> one line. Four outputs: terminal, journal, plain (files, containers), JSON. */
import { fieldJson, fieldText, type Field } from './fields.js';
import { logfmtKey, logfmtValue, safeText } from './logfmt.js';
import { DIM, GREEN, GREY, RED, RESET, YELLOW } from './terminal.js';

export type Level = 'error' | 'warn' | 'info' | 'debug';
export const LEVELS: Readonly<Record<Level, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

export interface LogRecord {
  readonly level: Level;
  readonly component: string;
  /** Stable name of what happened. */
  readonly event: string;
  readonly fields: readonly Field[];
  /** Milliseconds since the epoch. */
  readonly time: number;
}

export interface LineStyle {
  readonly json: boolean;
  /** Lines begin with the syslog priority in angle brackets, which systemd takes off; the journal knows the time. */
  readonly journal: boolean;
  /** A person is watching: no time; colour where wanted. */
  readonly terminal: boolean;
  readonly colour: boolean;
}

const PRIORITY: Readonly<Record<Level, string>> = { error: '<3>', warn: '<4>', info: '<6>', debug: '<7>' };
const COLOUR: Readonly<Record<Level, string>> = { error: RED, warn: YELLOW, info: GREEN, debug: GREY };
const EVENT_WIDTH = 22;

/** Without the newline. */
export function formatLine(record: LogRecord, style: LineStyle): string {
  return `${style.journal ? PRIORITY[record.level] : ''}${style.json ? jsonLine(record) : textLine(record, style)}`;
}

function jsonLine({ level, component, event, fields, time }: LogRecord): string {
  return JSON.stringify({ time: new Date(time).toISOString(), level, component, event, ...Object.fromEntries(fields.map(fieldJson)) });
}

function textLine({ level, component, event, fields, time }: LogRecord, { journal, terminal, colour }: LineStyle): string {
  const stamp = journal || terminal ? '' : `${new Date(time).toISOString()} `;
  const name = level.padEnd(5);
  const all = level === 'debug' ? [{ name: 'component', kind: 'text', value: component } as const, ...fields] : fields;
  const pairs = all.map((field) => `${colour ? DIM : ''}${logfmtKey(field.name)}=${colour ? RESET : ''}${logfmtValue(fieldText(field))}`).join(' ');
  return `${stamp}${colour ? `${COLOUR[level]}${name}${RESET}` : name} ${pairs === '' ? safeText(event) : `${safeText(event).padEnd(EVENT_WIDTH)} ${pairs}`}`;
}
