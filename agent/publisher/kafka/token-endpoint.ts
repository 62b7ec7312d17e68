/** One request to an OAuth 2.0 token endpoint. Node's own `fetch` can't be told which authority to trust. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { RetryableError } from '../../errors.js';

export interface TokenEndpoint {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string;
  /** PEM, in place of the system's authorities. */
  readonly ca?: string;
}

export interface FetchedToken {
  readonly token: string;
  readonly lifetimeMs: number;
}

const TIMEOUT_MS = 5000;
/** Tokens with all of a user's groups in them take some KiB. */
const LARGEST_ANSWER = 1 << 20;
/** When the endpoint does not say (RFC 6749 5.1 only recommends it). */
const USUAL_LIFETIME_S = 300;
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|SSL/;

/** Rejects with RetryableError. Redirects are not followed: they would carry the secret elsewhere. */
export async function fetchToken(endpoint: TokenEndpoint): Promise<FetchedToken> {
  const { origin } = new URL(endpoint.url);
  // Neither the answer's body nor the cause is quoted: either may hold a secret.
  const failure = (what: string, fix: string): RetryableError => new RetryableError('kafka_oauth_token', `the OAuth token endpoint ${origin} ${what}`, { fix });
  let answer: { readonly status: number; readonly text: string };
  try {
    answer = await post(endpoint);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (CERTIFICATE.test(code)) throw failure(`has a certificate that is not trusted: ${code}`, 'set kafka.sasl.token_endpoint.ca to the authority that issued it, and call it by a name that stands in it');
    throw failure(`can not be reached${code === '' ? '' : `: ${code}`}`, 'check kafka.sasl.token_endpoint.url, and that it answers from this host');
  }
  if (answer.status !== 200) throw failure(`answered ${answer.status}`, 'check kafka.sasl.token_endpoint: url, client_id, client_secret and scope');
  const fields = parsed(answer.text);
  if (typeof fields['access_token'] !== 'string') throw failure('answered without an access_token', 'check kafka.sasl.token_endpoint.url');
  // Some write the number as text.
  const seconds = Number(fields['expires_in']);
  return { token: fields['access_token'], lifetimeMs: (seconds > 0 ? seconds : USUAL_LIFETIME_S) * 1000 };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function post({ url, clientId, clientSecret, scope, ca }: TokenEndpoint): Promise<{ readonly status: number; readonly text: string }> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }).toString();
  // RFC 6749 2.3.1: both are form-encoded first.
  const authorization = `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`;
  const headers = { authorization, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
  const options = { method: 'POST', headers, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
  return new Promise((resolve, reject) => {
    const take = (response: IncomingMessage): void => {
      let text = '';
      response.setEncoding('utf8').once('error', reject).once('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('data', (part: string) => {
        text += part;
        if (text.length > LARGEST_ANSWER) response.destroy(new Error('the answer is too large'));
      });
    };
    const call = url.startsWith('https:') ? httpsRequest(url, { ...options, minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) }, take) : httpRequest(url, options, take);
    call.once('error', reject).end(body);
  });
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
