/** A hint that cdc_raw changed. Only a hint: mmap writes raise no event, and neither do writes through another link. */
import { watch } from 'chokidar';

/** Calls `hint` on new and removed names until the signal comes; a watcher that fails is none, and polling goes on. */
export function watchDirectory(directory: string, hint: () => void, signal: AbortSignal): void {
  if (signal.aborted) return;
  const watcher = watch(directory, { depth: 0, ignoreInitial: true, followSymlinks: false, ignorePermissionErrors: true });
  watcher.on('add', hint).on('unlink', hint).on('error', hint);
  signal.addEventListener('abort', () => void watcher.close(), { once: true });
}
