/**
 * Tells systemd how the agent does: sd_notify(3), Type=notify with WatchdogSec=. The protocol is a datagram on a unix socket,
 * which Node can't send; `systemd-notify`, which is there wherever systemd is, sends it (so the unit needs NotifyAccess=all).
 * One process per message, about 9 ms of processor time: one each 15 s is 0.06 % of a core.
 */
import { execFile } from 'node:child_process';
import { RetryableError } from '../errors.js';
import type { Happenings } from '../observe/happenings.js';

/** Sends one message of `NAME=value` parts; rejects when it could not be sent. */
export type SendNotification = (parts: readonly string[]) => Promise<void>;

export interface NotifierOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For `systemctl status`: one line. */
  readonly status: () => string;
  readonly happenings: Happenings;
  /** False: the work stands still though the event loop turns; systemd is let to restart the agent. */
  readonly isAlive?: () => boolean;
  readonly send?: SendNotification;
}

const BEAT_MS = 15_000;
/** Whoever started it looks at the status next: of what it waits for, then that it is ready. */
const LOOK_MS = 1_000;
/** Asked for at each beat of a start or a stop that takes its time. */
const EXTENSION_MS = 60_000;
const RETRY_MS = 1_000;
const SEND_MS = 5_000;
const MICROS_PER_MS = 1000;
const NANOS_PER_MICRO = 1000n;
/** systemctl shows one line. */
const MAX_STATUS = 400;

type Life = 'starting' | 'ready' | 'stopping' | 'closed';

export class SystemdNotifier {
  readonly #options: NotifierOptions;
  readonly #send: SendNotification;
  /** Ms between two beats: half of what the watchdog allows, or less. */
  readonly #beatMs: number;
  readonly #hasWatchdog: boolean;
  #life: Life = 'starting';
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  #lastStatus = '';

  /** Undefined when no service manager waits for word. */
  static of(options: NotifierOptions): SystemdNotifier | undefined {
    const socket = options.env['NOTIFY_SOCKET'];
    return socket === undefined || socket === '' ? undefined : new SystemdNotifier(options);
  }

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#send = options.send ?? systemdNotify(options.env);
    const watchdogMs = watchdogOf(options.env);
    this.#hasWatchdog = watchdogMs !== undefined;
    this.#beatMs = watchdogMs === undefined ? BEAT_MS : Math.min(BEAT_MS, watchdogMs / 2);
  }

  /** Waiting for Cassandra or Kafka may take longer than TimeoutStartSec=: from here on more time is asked for. */
  starting(): void {
    void this.#beat();
  }

  /** The first position was read: units that come after this one may start. */
  async ready(): Promise<void> {
    this.#life = 'ready';
    await this.#tell(['READY=1', ...this.#watchdog(), this.#status()]);
    this.#schedule(Math.min(LOOK_MS, this.#beatMs));
  }

  /** Runs a reload between the two messages that systemd wants to see around it. The second says that it is ready: not before it is. */
  async reloading(reload: () => Promise<void>): Promise<void> {
    if (this.#life !== 'ready') return reload();
    const micros = process.hrtime.bigint() / NANOS_PER_MICRO;
    await this.#tell(['RELOADING=1', `MONOTONIC_USEC=${micros}`, 'STATUS=reloading the configuration']);
    try {
      await reload();
    } finally {
      await this.#tell(['READY=1', this.#status()]);
    }
  }

  async stopping(): Promise<void> {
    this.#life = 'stopping';
    clearTimeout(this.#timer);
    await this.#tell(['STOPPING=1', this.#status()]);
  }

  /** Nothing more is sent. Resolves when what was being sent is out. */
  async close(): Promise<void> {
    this.#life = 'closed';
    clearTimeout(this.#timer);
    await this.#sending;
  }

  /** Never rejects; what can't be sent is said once. In order. */
  #tell(parts: readonly string[]): Promise<boolean> {
    const { happenings } = this.#options;
    const sent = this.#sending.then(async () => {
      try {
        await this.#send(parts);
        this.#lastStatus = parts.at(-1) ?? '';
        happenings.over('systemd not notified');
        return true;
      } catch (error) {
        happenings.report('systemd not notified', { error, fix: error instanceof RetryableError ? error.fix : undefined });
        return false;
      }
    });
    this.#sending = sent.then(() => undefined);
    return sent;
  }

  async #beat(): Promise<void> {
    const isSent = await this.#tell(this.#beatParts());
    this.#schedule(isSent ? this.#beatMs : Math.min(RETRY_MS, this.#beatMs));
  }

  #beatParts(): string[] {
    if (this.#life === 'starting') return [`EXTEND_TIMEOUT_USEC=${EXTENSION_MS * MICROS_PER_MS}`, this.#status()];
    return [...this.#watchdog(), this.#status()];
  }

  /** A beat in `ms` where one must come, and as soon as there is another status to tell. */
  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#life !== 'starting' && this.#life !== 'ready') return;
    const wait = this.#life === 'starting' ? Math.min(LOOK_MS, ms) : ms;
    const left = ms - wait;
    this.#timer = setTimeout(() => {
      const mustBeat = left === 0 && (this.#hasWatchdog || this.#life === 'starting');
      if (mustBeat || this.#status() !== this.#lastStatus) void this.#beat();
      else this.#schedule(left > 0 ? left : ms);
    }, wait).unref();
  }

  #watchdog(): string[] {
    return this.#hasWatchdog && this.#options.isAlive?.() !== false ? ['WATCHDOG=1'] : [];
  }

  #status(): string {
    return `STATUS=${this.#options.status().replace(/\p{Cc}+/gu, ' ').slice(0, MAX_STATUS)}`;
  }
}

/** Ms; undefined when systemd does not watch this process. See sd_watchdog_enabled(3). */
function watchdogOf(env: NotifierOptions['env']): number | undefined {
  const micros = Number(env['WATCHDOG_USEC']);
  const pid = env['WATCHDOG_PID'];
  return micros > 0 && Number.isFinite(micros) && (pid === undefined || Number(pid) === process.pid) ? micros / MICROS_PER_MS : undefined;
}

function systemdNotify(env: NotifierOptions['env']): SendNotification {
  const own = { NOTIFY_SOCKET: env['NOTIFY_SOCKET'], PATH: env['PATH'] };
  return (parts) => new Promise((resolve, reject) => {
    execFile('systemd-notify', [...parts], { env: own, timeout: SEND_MS, killSignal: 'SIGKILL' }, (cause, _out, complaint) => {
      if (cause === null) return resolve();
      const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      reject(new RetryableError('systemd_notify', isMissing ? 'systemd-notify is not there' : `systemd-notify failed: ${complaint.trim() || cause.message}`, {
        fix: isMissing ? 'install it (it is part of systemd), or unset NOTIFY_SOCKET' : 'check NotifyAccess=all in the unit, and that the agent may start processes', cause,
      }));
    });
  });
}
