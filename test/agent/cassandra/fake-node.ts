/** A node made of answers, in place of the driver. */
import { readFileSync } from 'node:fs';
import type { Connect, CqlRow, NodeTarget } from '../../../agent/cassandra/node-connection.js';

export interface FakeNode {
  hostId: string;
  /** Thrown by the next connects, then by the next statements. */
  connectErrors: Error[];
  executeErrors: Error[];
  answer: (cql: string) => readonly CqlRow[];
  /** Rows per page. */
  pageSize: number;
}

export function fakeNode(hostId: string, answer: (cql: string) => readonly CqlRow[] = () => []): FakeNode {
  return { hostId, connectErrors: [], executeErrors: [], answer, pageSize: Infinity };
}

export class FakeNetwork {
  readonly nodes = new Map<string, FakeNode>();
  readonly targets: NodeTarget[] = [];
  open = 0;

  readonly connect: Connect = (target) => {
    this.targets.push(target);
    const node = this.nodes.get(`${target.address}:${target.port}`);
    const error = node === undefined ? refused(`${target.address}:${target.port}`) : node.connectErrors.shift();
    if (error !== undefined || node === undefined) return Promise.reject(error ?? new Error('no node'));
    this.open++;
    return Promise.resolve({
      execute: (cql, _parameters, { pageState }) => {
        if (/SELECT host_id/.test(cql)) return Promise.resolve({ rows: [{ host_id: node.hostId }], pageState: undefined });
        const failure = node.executeErrors.shift();
        if (failure !== undefined) return Promise.reject(failure);
        const rows = node.answer(cql);
        const start = Number(pageState ?? 0);
        const end = start + node.pageSize;
        return Promise.resolve({ rows: rows.slice(start, end), pageState: end < rows.length ? String(end) : undefined });
      },
      close: () => {
        this.open--;
        return Promise.resolve();
      },
    });
  };
}

/** As the driver says it. */
export function refused(endpoint: string): Error {
  const inner = Object.assign(new Error(`connect ECONNREFUSED ${endpoint}`), { code: 'ECONNREFUSED' });
  return Object.assign(new Error('All host(s) tried for query failed.'), { name: 'NoHostAvailableError', innerErrors: { [endpoint]: inner } });
}

export function responseError(code: number, message: string): Error {
  return Object.assign(new Error(message), { name: 'ResponseError', code });
}

export function authenticationError(message: string): Error {
  return Object.assign(new Error(message), { name: 'AuthenticationError' });
}

/** system_schema's rows out of a recorded schema file. */
export function schemaAnswers(file: string): (cql: string) => readonly CqlRow[] {
  const rows = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown[]>;
  return (cql) => {
    const table = /SELECT JSON \* FROM system_schema\.(\w+)/.exec(cql)?.[1];
    if (table !== undefined) return (rows[table] ?? []).map((row) => ({ '[json]': typeof row === 'string' ? row : JSON.stringify(row) }));
    if (/SELECT table_name/.test(cql)) return Object.keys(rows).map((name) => ({ table_name: name }));
    return [{ schema_version: 'v1' }];
  };
}
