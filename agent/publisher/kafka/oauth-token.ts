/** OAUTHBEARER tokens: from a file that something else renews, or from an OAuth 2.0 endpoint (client credentials, RFC 6749 4.4). */
import { readFile } from 'node:fs/promises';
import { RetryableError } from '../../errors.js';
import { fetchToken, type TokenEndpoint } from './token-endpoint.js';

/** Where tokens come from. One source serves all connections, and outlives them. */
export interface TokenSource {
  /** For one login. Rejects with RetryableError. */
  token(): Promise<string>;
  /** A broker did not take it, for this reason: it is not given out again, if there is another. What the operator is told. */
  refused(token: string, reason: string): RetryableError;
}

/** A token is fetched again this long before it ends, or at half of its time if that is later. */
const EARLY_MS = 30_000;
/** RFC 6750 2.1. */
const BEARER = /^[\w.~+/-]+=*$/;

export interface TokenPorts {
  /** Ms since 1970. */
  readonly now?: () => number;
  readonly fetch?: typeof fetchToken;
}

/** Reads the file at every login, so that a renewed token is taken without a restart. */
export function tokenFromFile(path: string, { now = Date.now }: TokenPorts = {}): TokenSource {
  return {
    async token() {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        const fix = code === 'EACCES' ? `let the agent's user read ${path}` : 'check kafka.sasl.token_file, and what renews the file';
        throw new RetryableError('kafka_oauth_token', `the OAuth token file ${path} ${code === 'ENOENT' ? 'does not exist' : `can't be read: ${code ?? 'unknown'}`}`, { fix });
      }
      const token = text.trim();
      // The cause is not quoted, nor the text: it may be a secret that stands in the wrong file.
      if (!BEARER.test(token)) throw new RetryableError('kafka_oauth_token', `the OAuth token file ${path} ${token === '' ? 'is empty' : 'holds something else than a token'}`, { fix: `write the token alone into ${path}: check what renews it` });
      return token;
    },
    refused: (token, reason) => refusal({ token, reason, from: `from ${path}`, renew: `renew ${path}; the agent takes the new token by itself`, now: now() }),
  };
}

/** Fetched once for its lifetime, whoever asks. */
export function tokenFromEndpoint(endpoint: TokenEndpoint, { now = Date.now, fetch = fetchToken }: TokenPorts = {}): TokenSource {
  let held: { readonly token: string; readonly renewAt: number; readonly endsAt: number } | undefined;
  let fetching: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    try {
      const { token, lifetimeMs } = await fetch(endpoint);
      if (!BEARER.test(token)) throw new RetryableError('kafka_oauth_token', `the OAuth token endpoint ${new URL(endpoint.url).origin} gave something else than a bearer token`, { fix: 'check kafka.sasl.token_endpoint.url' });
      held = { token, renewAt: now() + lifetimeMs - Math.min(EARLY_MS, lifetimeMs / 2), endsAt: now() + lifetimeMs };
    } catch (error) {
      // Early enough: the one at hand still holds.
      if (held === undefined || now() >= held.endsAt) throw error;
    }
    return held.token;
  };
  return {
    token() {
      if (held !== undefined && now() < held.renewAt) return Promise.resolve(held.token);
      fetching ??= renew().finally(() => (fetching = undefined));
      return fetching;
    },
    refused(token, reason) {
      if (held?.token === token) held = undefined;
      const { origin } = new URL(endpoint.url);
      return refusal({ token, reason, from: `from ${origin}`, renew: `check the clocks, and what ${origin} gives out`, now: now() });
    },
  };
}

interface Refusal {
  readonly token: string;
  readonly reason: string;
  readonly from: string;
  readonly renew: string;
  readonly now: number;
}

function refusal({ token, reason, from, renew, now }: Refusal): RetryableError {
  const end = endOf(token);
  if (end !== undefined && end <= now) return new RetryableError('kafka_authentication', `Kafka refuses the login: the OAuth token ${from} ended at ${new Date(end).toISOString()}`, { fix: renew });
  return new RetryableError('kafka_authentication', `Kafka refuses the login with the OAuth token ${from}: ${reason.replaceAll(token, '***')}`, { fix: 'check issuer, audience and scope of the token against what the brokers ask for, and that it was not revoked' });
}

/** Ms since 1970, of a JSON web token that says so (RFC 7519 4.1.4). Not verified: for words only. */
function endOf(token: string): number | undefined {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof exp === 'number' && Math.abs(exp) < 1e11 ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
