/** Starts publish-child as a process that does not outlive us. */
import { LabProcess } from '../lab/process.js';
import type { FaultRun } from './fault-run.js';

export function startPublisher(run: FaultRun, logFile: string): Promise<LabProcess> {
  const script = new URL('./publish-child.js', import.meta.url).href;
  return LabProcess.start({
    name: 'publisher', command: process.execPath, logFile,
    args: [...process.execArgv, '--input-type=module', '--eval', `await import(${JSON.stringify(script)})`],
    env: { ...process.env, CDC_FAULT_RUN: JSON.stringify(run) },
  });
}
