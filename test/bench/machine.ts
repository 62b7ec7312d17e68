/** Where and with what the figures were taken. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

export function machineLines(cassandra: string): string[] {
  const processors = cpus();
  return [
    `date      ${new Date().toISOString()}`,
    `machine   ${processors.length} x ${processors[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, load ${loadavg()[0].toFixed(1)} at the start`,
    `versions  Node ${process.version}, ${javaVersion()}, Cassandra ${cassandra}`,
  ];
}

function javaVersion(): string {
  try {
    return `Java ${/\d[\w.+-]*/.exec(execFileSync('java', ['--version'], { encoding: 'utf8' }))?.[0] ?? '?'}`;
  } catch {
    return 'Java ?';
  }
}

/** Puts a command on one core, where the system can. */
export function pinned(): string[] {
  try {
    const core = String(cpus().length - 1);
    execFileSync('taskset', ['-c', core, 'true'], { stdio: 'ignore' });
    return ['taskset', '-c', core];
  } catch {
    return [];
  }
}
