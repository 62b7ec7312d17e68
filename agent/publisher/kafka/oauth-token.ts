/** OAUTHBEARER tokens: from a file that something else renews, or from an OAuth 2.0 endpoint (client credentials, RFC 6749 4.4). */
import { readFile } from 'node:fs/promises';
import { RetryableError } from '../../errors.js';

/** A token is asked for again this long before it expires. */
const EARLY_MS = 30_000;
const TIMEOUT_MS = 5000;

/** Reads the file at every login, so that a renewed token is taken without a restart. */
export function tokenFromFile(path: string): () => Promise<string> {
  return async () => {
    const token = (await readFile(path, 'utf8')).trim();
    if (token === '') throw new RetryableError('kafka_oauth_token', `the OAuth token file ${path} is empty`, { fix: 'check what renews it' });
    return token;
  };
}

export interface TokenEndpoint {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
}

export function tokenFromEndpoint(endpoint: TokenEndpoint, { now = Date.now, fetchUrl = fetch }: { now?: () => number; fetchUrl?: typeof fetch } = {}): () => Promise<string> {
  let token = '';
  let renewAt = 0;
  return async () => {
    if (now() < renewAt) return token;
    const answer = await fetchToken(endpoint, fetchUrl);
    token = answer.token;
    renewAt = now() + answer.lifetimeMs - EARLY_MS;
    return token;
  };
}

async function fetchToken({ url, clientId, clientSecret, scope }: TokenEndpoint, fetchUrl: typeof fetch): Promise<{ token: string; lifetimeMs: number }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) });
  const authorization = `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64')}`;
  // Neither the answer's body nor the cause is quoted: either may hold a secret.
  const failure = (what: string): RetryableError =>
    new RetryableError('kafka_oauth_token', `the OAuth token endpoint ${new URL(url).origin} ${what}`, { fix: 'check kafka.sasl: endpoint, client id and secret' });
  let response: Response;
  try {
    response = await fetchUrl(url, { method: 'POST', body, headers: { authorization, accept: 'application/json' }, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw failure('can not be reached');
  }
  if (!response.ok) throw failure(`answered ${response.status}`);
  const answer = (await response.json().catch(() => null)) as { access_token?: unknown; expires_in?: unknown } | null;
  if (typeof answer?.access_token !== 'string') throw failure('answered without an access_token');
  return { token: answer.access_token, lifetimeMs: (typeof answer.expires_in === 'number' ? answer.expires_in : 300) * 1000 };
}
