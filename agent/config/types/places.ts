/** Where things are: network addresses, URLs, paths. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { describe, mustBe, type Complaint, type Given, type ValueType } from '../value-type.js';

export interface Address {
  readonly host: string;
  readonly port: number;
}

const HOST = String.raw`(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?)`;
const PORT = String.raw`(?:6553[0-5]|655[0-2]\d|65[0-4]\d{2}|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3})`;

/** `host:port`, or `host` with the port that the server has by default; IPv6 in brackets. */
export function address(defaultPort: number): ValueType<Address> {
  return {
    schema: z.string().regex(new RegExp(`^${HOST}(?::${PORT})?$`)).transform((text) => splitAddress(text, defaultPort)),
    what: 'an address',
    example: `127.0.0.1:${defaultPort}`,
    limits: `host:port, port ${defaultPort} when not given`,
    explain: (given) => explainAddress(given, defaultPort),
  };
}

/** The agent's own port: it can't be left out. */
export function listenAddress(example: string): ValueType<Address> {
  return {
    schema: z.string().regex(new RegExp(`^${HOST}:(?:0|${PORT})$`)).transform((text) => splitAddress(text, 0)),
    what: 'an address',
    example,
    limits: 'host:port, port 0 for any free one',
    explain: (given) => {
      if (typeof given.value === 'number') return { message: `must be host:port, is ${describe(given)}`, fix: `write 127.0.0.1:${given.shown}` };
      return explainAddress(given, Number(example.split(':').at(-1)));
    },
  };
}

/** host and port of a text that the pattern accepted. */
export function splitAddress(text: string, defaultPort: number): Address {
  const match = /^(\[.*\]|[^:]*)(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? text;
  return { host: host.replace(/^\[|\]$/g, ''), port: match?.[2] === undefined ? defaultPort : Number(match[2]) };
}

function explainAddress(given: Given, defaultPort: number): Complaint {
  const { value, fromReference } = given;
  const message = `must be host:port, is ${describe(given)}`;
  if (typeof value === 'string' && !fromReference) {
    const scheme = /^[a-z+]+:\/\/([^/]+)/i.exec(value);
    if (scheme !== null) return { message, fix: `write it without the scheme: ${scheme[1]}` };
    if (/^[0-9A-Fa-f:]*::?[0-9A-Fa-f:.]*$/.test(value) && value.split(':').length > 2) return { message, fix: `write an IPv6 address in brackets: "[${value}]:${defaultPort}"` };
    if (value.includes(',')) return { message, fix: `write a list: [${value.split(/\s*,\s*/).join(', ')}]` };
    const port = /^(.*):(\d+)$/.exec(value);
    if (port !== null && Number(port[2]) > 65535) return { message: `has port ${port[2]}, the largest is 65535`, fix: `write ${port[1]}:${defaultPort}` };
  }
  return mustBe({ what: 'host:port', example: `127.0.0.1:${defaultPort}` }, given);
}

/** An absolute path: the working directory of a service says nothing. Whether it exists is for `check` to find out. */
export function path(example: string): ValueType<string> {
  return {
    schema: z.string().regex(/^\/[^\0]*$/),
    what: 'an absolute path',
    example,
    explain(given) {
      const { value, fromReference, directory } = given;
      if (typeof value !== 'string' || value === '' || fromReference) return mustBe(this, given);
      if (value.startsWith('~')) return { message: `must be an absolute path, is ${describe(given)}`, fix: 'write the home directory out, ~ is not expanded' };
      return { message: `must be an absolute path, is ${describe(given)}`, fix: `write ${resolve(directory, value)}` };
    },
  };
}

/** https, or http to this host only: what it answers is a credential. */
export function url(example: string): ValueType<string> {
  return {
    schema: z.string().regex(/^(?:https:\/\/[^\s/@?#]+|http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?)(?:[/?][^\s@]*)?$/),
    what: 'an https URL',
    example,
    limits: 'http only to this host; no user or password in it',
    explain(given) {
      // A URL may carry a password: nothing of it is repeated.
      if (typeof given.value !== 'string') return mustBe(this, given);
      if (/^http:/i.test(given.value)) return { message: 'must be an https URL (http only to this host)', fix: 'write https:// in front' };
      if (given.value.includes('@')) return { message: 'must not carry a user or password', fix: 'use client_id and client_secret' };
      return { message: 'must be an https URL', fix: `write for example ${example}` };
    },
  };
}
