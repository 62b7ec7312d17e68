/** TERM and INT: stop, the second one at once. HUP: reload, while somebody wants to know; else it ends the process as usual. */
import type { EventEmitter } from 'node:events';

export interface SignalHandling {
  /** Ends with the first TERM or INT. */
  readonly stop: AbortSignal;
  /** Calls the handler at each HUP until the returned function is called. The handler must not throw. */
  readonly onReload: (handler: () => void) => () => void;
}

/** `source` is the process. `exit` ends it at once. */
export function handleSignals(source: EventEmitter, exit: () => void): SignalHandling {
  const stop = new AbortController();
  const onStop = (): void => {
    if (stop.signal.aborted) exit();
    stop.abort();
  };
  source.on('SIGINT', onStop).on('SIGTERM', onStop);
  const onReload = (handler: () => void): (() => void) => {
    source.on('SIGHUP', handler);
    return () => void source.off('SIGHUP', handler);
  };
  return { stop: stop.signal, onReload };
}
