/**
 * While the node can't be asked (down, starting, joining) its cdc_raw may fill all the same: a node that joins logs its share
 * of the CDC tables there, and is refused its own writes when that is full. So finished segments go into the spool meanwhile,
 * as far as the directories are known without the node.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentConfig } from '../config/declaration.js';
import { OperatorError } from '../errors.js';
import { LiveSource } from '../source/live/live-source.js';
import { LEDGER_FILE } from '../source/live/segment-ledger.js';
import { openDirectories, settingsOfYaml, totalSpaceOf } from './directories.js';

/** Where there is no ledger yet: only the start that has the position may say what is known of older segments. */
const OWN_LEDGER = 'segments.early.json';
/** A node that is up answers sooner. */
const PATIENCE_MS = 2000;

/** Resolves as `work` does, and spools until then. What goes wrong with that is told when the node is there. */
export async function spoolingMeanwhile<T>(config: AgentConfig, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const spooling = new Promise<void>((resolve) => {
    const timer = setTimeout(() => resolve(spool(config, done.signal)), PATIENCE_MS);
    done.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
  try {
    return await work();
  } finally {
    done.abort();
    await spooling;
  }
}

async function spool(config: AgentConfig, signal: AbortSignal): Promise<void> {
  const { source: { cdc_raw_directory: configured, spool: { limit }, poll_interval: pollInterval }, cassandra, state_directory: state } = config;
  const settings = await settingsOfYaml(cassandra.config_file);
  if (configured === undefined && settings?.cdcRawDirectory === undefined) return;
  const ledger = join(state, LEDGER_FILE);
  const own = join(state, OWN_LEDGER);
  let source: LiveSource | undefined;
  try {
    rmSync(own, { force: true });
    const { raw, spool: directory, quarantine, owner } = openDirectories(config, settings);
    if (directory === undefined) return;
    const rawLimit = (await totalSpaceOf(raw, settings)) ?? undefined;
    source = new LiveSource({
      raw, quarantine, ledger: existsSync(ledger) ? ledger : own, rawLimit, pollInterval,
      // Giving up is for those who can say what was given up.
      spool: { directory, limit, whenFull: 'block' },
      ...(owner === undefined ? {} : { owner }),
    });
    await source.upkeep(signal);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
  } finally {
    source?.close();
    rmSync(own, { force: true });
  }
}
