import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseContactPoint } from '../../../agent/inspect/schema-dump.js';
import { UsageError } from '../../../agent/errors.js';
import { inDirectory } from '../inspect/harness.js';
import { runCli } from '../../helpers/run-cli.js';

describe('cli: schema dump', function () {
  this.timeout(60_000);

  it('says that no node answers, exit 69, and writes nothing', () => inDirectory({}, async (cwd) => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const run = await runCli(['schema', 'dump', '--contact-point', `127.0.0.1:${port}`, '-o', 'schema.json'], { cwd });
    expect(run.stderr).to.match(new RegExp(`^error: no Cassandra node answers at 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED.*\\nfix: {3}.+\\ncode: {2}cassandra_unreachable\\n$`));
    expect([run.code, run.stdout, existsSync(join(cwd, 'schema.json'))]).to.deep.equal([69, '', false]);
  }));

  it('refuses what is no contact point, exit 64', async () => {
    const run = await runCli(['schema', 'dump', '--contact-point', 'a b']);
    expect(run.stderr).to.match(/^error: 'a b' is no contact point\nfix: .*\ncode: {2}contact_point\n$/);
    expect(run.code).to.equal(64);
  });

  it('takes hosts and addresses with and without a port', () => {
    expect(['db1', 'db1:19042', '127.0.0.1:9043', '::1', '[::1]:9043', '[::1]'].map(parseContactPoint).map(({ host, port }) => [host, port])).to.deep.equal([
      ['db1', 9042], ['db1', 19042], ['127.0.0.1', 9043], ['::1', 9042], ['::1', 9043], ['::1', 9042],
    ]);
    for (const text of ['', 'a:b', 'a:0', 'a:65536', '[a]:9042', 'a:b:c']) expect(() => parseContactPoint(text), text).to.throw(UsageError);
  });
});
