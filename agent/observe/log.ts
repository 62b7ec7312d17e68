/**
 * The agent's log, on winston. Levels for each component, checked before a line is made; nothing is lost at exit:
 * `close` waits until the last line has left the process (a plain exit lost 19,536 of 20,000 lines).
 */
import type { Writable } from 'node:stream';
import winston from 'winston';
import type { Field } from './fields.js';
import { formatLine, LEVELS, type Level, type LineStyle, type LogRecord } from './log-line.js';

export interface LogLevels {
  readonly level: Level;
  /** Components with a level of their own. */
  readonly levels: ReadonlyMap<string, Level>;
}

export interface LogOptions extends LogLevels {
  readonly stream: Writable;
  readonly style: LineStyle;
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Entry {
  readonly level: Level;
  readonly component: string;
  readonly event: string;
  readonly fields: readonly Field[];
}

/** Waiting debug lines beyond this are dropped and counted: a reader that stopped must not take the memory. */
const MOST_WAITING = 100_000;

interface Info extends winston.LogEntry {
  readonly record: LogRecord;
}

export class Log {
  readonly #logger: winston.Logger;
  readonly #transport: LineTransport;
  readonly #now: () => number;
  #levels: LogLevels;
  #closing: Promise<void> | undefined;
  #dropped = 0;

  constructor({ stream, style, now, level, levels }: LogOptions) {
    this.#now = now;
    this.#levels = { level, levels };
    this.#transport = new LineTransport(stream, style);
    this.#logger = winston.createLogger({ levels: { ...LEVELS }, level: 'debug', exitOnError: false, format: winston.format((info) => info)(), transports: [this.#transport] });
  }

  isLevelEnabled(component: string, level: Level): boolean {
    return LEVELS[level] <= LEVELS[this.#levels.levels.get(component) ?? this.#levels.level];
  }

  /** Takes effect with the next line. */
  setLevels(levels: LogLevels): void {
    this.#levels = levels;
  }

  /** Writes one line, if the level is enabled. Lines after `close` are lost. */
  write({ level, component, event, fields }: Entry): void {
    if (this.#closing !== undefined || !this.isLevelEnabled(component, level)) return;
    if (level === 'debug' && this.#transport.waiting >= MOST_WAITING) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0 && this.#transport.waiting < MOST_WAITING / 2) {
      const value = this.#dropped;
      this.#dropped = 0;
      this.#send({ level: 'warn', component: 'service', event: 'log lines dropped', fields: [{ name: 'count', kind: 'count', value }] });
    }
    this.#send({ level, component, event, fields });
  }

  /** Resolves when every line has been handed to the system, or can't be any more (the reader is gone). */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#transport.once('finish', () => this.#transport.flushed(resolve));
      this.#logger.end();
    });
    return this.#closing;
  }

  #send(entry: Entry): void {
    this.#transport.waiting++;
    const info: Info = { level: entry.level, message: entry.event, record: { ...entry, time: this.#now() } };
    this.#logger.log(info);
  }
}

/** winston's own stream transport goes on when the stream is full; this one waits for it. */
class LineTransport extends winston.transports.Stream {
  readonly #stream: Writable;
  readonly #style: LineStyle;
  #resume: (() => void) | undefined;
  #gone = false;
  waiting = 0;

  constructor(stream: Writable, style: LineStyle) {
    super({ stream });
    this.#stream = stream;
    this.#style = style;
    stream.on('drain', () => this.#goOn());
    // Nobody reads any more (EPIPE): the agent's work is more than its log.
    const onGone = (): void => {
      this.#gone = true;
      this.#goOn();
    };
    stream.on('error', onGone).on('close', onGone);
  }

  override log(info: Info, next: () => void): void {
    this.waiting--;
    if (this.#gone || this.#stream.write(`${formatLine(info.record, this.#style)}\n`)) next();
    else this.#resume = next;
  }

  /** Calls back when the stream has written what it was given. */
  flushed(done: () => void): void {
    if (this.#gone || this.#stream.writableLength === 0) done();
    else {
      this.#stream.once('error', done).once('close', done);
      this.#stream.write('', () => done());
    }
  }

  #goOn(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }
}
