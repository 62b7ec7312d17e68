/** The configuration's section `cassandra` as the session takes it. */
import type { AgentConfig } from '../config/declaration.js';
import type { SessionOptions } from './session.js';

export function sessionOptionsOf({ contact_points: contactPoints, username, password, tls, connect_timeout: connectTimeoutMs, request_timeout: requestTimeoutMs }: AgentConfig['cassandra']): SessionOptions {
  return { contactPoints, username, password, tls, connectTimeoutMs, requestTimeoutMs };
}
