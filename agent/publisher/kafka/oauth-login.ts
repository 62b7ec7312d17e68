/**
 * SASL/OAUTHBEARER (RFC 7628). kafkajs' own takes the broker's refusal, which comes as a message to be answered, for a
 * success: the broker then closes the connection at the next request, and nothing says why.
 */
import type { AuthenticationProviderArgs, Authenticator, Mechanism } from 'kafkajs';
import { errorType } from './faults.js';
import type { TokenSource } from './oauth-token.js';

/** Answers a refusal (RFC 7628 3.2.3). */
const DUMMY_ANSWER = Buffer.of(1);
const LENGTH_BYTES = 4;

export function oauthMechanism(tokens: TokenSource): Mechanism {
  return { mechanism: 'oauthbearer', authenticationProvider: ({ saslAuthenticate }) => login(tokens, saslAuthenticate) };
}

function login(tokens: TokenSource, saslAuthenticate: AuthenticationProviderArgs['saslAuthenticate']): Authenticator {
  const exchange = async (message: Buffer): Promise<string> => {
    const answer = await saslAuthenticate<string>({ request: { encode: () => framed(message) }, response: { decode: (framedAnswer) => framedAnswer.subarray(LENGTH_BYTES), parse: (bytes) => bytes.toString() } });
    return answer ?? '';
  };
  return {
    async authenticate() {
      const token = await tokens.token();
      let refusal: string;
      try {
        refusal = await exchange(Buffer.from(`n,,\u0001auth=Bearer ${token}\u0001\u0001`));
      } catch (error) {
        if (errorType(error) !== 'SASL_AUTHENTICATION_FAILED') throw error;
        throw tokens.refused(token, error instanceof Error ? error.message : '');
      }
      if (refusal === '') return;
      await exchange(DUMMY_ANSWER).catch(() => undefined);
      throw tokens.refused(token, refusal);
    },
  };
}

/** With its length in front, as the mechanisms of kafkajs hand it over. */
function framed(message: Buffer): Buffer {
  const frame = Buffer.alloc(LENGTH_BYTES + message.length);
  frame.writeInt32BE(message.length);
  message.copy(frame, LENGTH_BYTES);
  return frame;
}
