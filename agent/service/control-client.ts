/** Asks a running agent over its control socket. */
import { connect, type Socket } from 'node:net';
import { OperatorError, RetryableError } from '../errors.js';
import { STATE_VERSION, type AgentState } from '../observe/agent-state.js';
import { controlSocketPath } from './control-socket.js';

const ANSWER_MS = 5_000;
const LARGEST_ANSWER = 1 << 20;

/** Throws RetryableError (exit 69) when no agent answers. */
export async function askStatus(stateDirectory: string, signal?: AbortSignal): Promise<AgentState> {
  const line = await ask(stateDirectory, 'status', signal);
  const { status, error } = parse(line, stateDirectory);
  if (status?.state_version === STATE_VERSION) return status;
  const words = status !== undefined ? `it speaks version ${JSON.stringify(status.state_version)} of the status, this program version ${STATE_VERSION}` : (error?.message ?? 'it does not know what a status is');
  throw new RetryableError('agent_other_version', `the agent of ${stateDirectory} answers, but ${words}`, { fix: 'ask with the version of cassandra-cdc-agent that runs, or restart the service after an upgrade' });
}

interface Answer {
  readonly status?: AgentState;
  readonly error?: { readonly message: string };
}

function parse(line: string, stateDirectory: string): Answer {
  try {
    const answer = JSON.parse(line) as unknown;
    if (typeof answer === 'object' && answer !== null) return answer;
  } catch {
    // Told below.
  }
  throw new RetryableError('agent_other_version', `what listens in ${stateDirectory} is no cassandra-cdc-agent`, { fix: 'name the agent\'s --config' });
}

/** One request, one line. */
function ask(stateDirectory: string, request: string, signal: AbortSignal | undefined): Promise<string> {
  const path = controlSocketPath(stateDirectory);
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(path);
    let text = '';
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      finish();
    };
    const fail = (error: OperatorError): void => end(() => reject(error));
    const onAbort = (): void => fail(new RetryableError('agent_silent', 'stopped waiting for the answer'));
    const timer = setTimeout(() => fail(silent(stateDirectory)), ANSWER_MS);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const at = text.indexOf('\n');
      if (at >= 0) end(() => resolve(text.slice(0, at)));
      else if (text.length > LARGEST_ANSWER) end(() => resolve(''));
    });
    socket.once('error', (cause: NodeJS.ErrnoException) => fail(unreachable(stateDirectory, cause)));
    socket.once('close', () => fail(silent(stateDirectory)));
    socket.write(`${request}\n`);
  });
}

function silent(stateDirectory: string): RetryableError {
  return new RetryableError('agent_silent', `the agent of ${stateDirectory} does not answer`, { fix: 'look at it: systemctl status cassandra-cdc-agent; it may be stopped, or very busy' });
}

function unreachable(stateDirectory: string, cause: NodeJS.ErrnoException): RetryableError {
  if (cause.code === 'EACCES' || cause.code === 'EPERM') {
    return new RetryableError('agent_no_access', `the agent of ${stateDirectory} can't be asked: ${cause.code}`, { fix: 'ask as root or as a member of the agent\'s group: sudo cassandra-cdc-agent status', cause });
  }
  if (cause.code === 'ECONNRESET' || cause.code === 'EPIPE' || cause.code === 'EAGAIN') return silent(stateDirectory);
  return new RetryableError('agent_not_running', `no agent runs with the state directory ${stateDirectory}`, { fix: 'start it (systemctl start cassandra-cdc-agent), or name its configuration with --config', cause });
}
