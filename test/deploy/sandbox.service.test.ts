/** What the unit's sandbox lets the agent do: the unit itself, with a probe in the place of the agent. */
import { expect } from 'chai';
import type { Machine } from './machine.js';
import { AGENT, machineWithPackage, UNIT } from './package.js';

const CASSANDRA = '/var/lib/cassandra';
const MOST_EXPOSURE = 1.5;

type Probes = Readonly<Record<string, string>>;

describe('the sandbox of the service', () => {
  let machine: Machine;
  let runs = 0;

  before(async () => {
    machine = await machineWithPackage();
    for (const directory of ['', 'cdc_raw', 'commitlog', 'data', 'hints', 'saved_caches']) await machine.must(`install -d -o cassandra -g cassandra -m 0755 ${CASSANDRA}/${directory}`);
    await machine.must(`echo row > ${CASSANDRA}/data/row.db`);
    await machine.must('cassandra-cdc-agent-rights --group');
    await machine.write('/etc/credstore/cassandra-cdc-agent.kafka-password', 'sesame\n', '0600');
  });
  after(() => machine.remove());

  /** Runs each expression of JavaScript inside the unit; answers `value` or an error code. */
  async function inside(probes: Probes, settings: readonly string[] = []): Promise<Record<string, unknown>> {
    const mark = `PROBE ${++runs} `;
    await machine.write('/usr/local/lib/probe.mjs', `
      import * as fs from 'node:fs'; import * as net from 'node:net'; import * as os from 'node:os'; import * as cp from 'node:child_process';
      const probes = ${JSON.stringify(probes)};
      for (const [name, source] of Object.entries(probes)) {
        let answer;
        try { answer = await (0, eval)('(async ({ fs, net, os, cp }) => (' + source + '))')({ fs, net, os, cp }) ?? 'done'; } catch (error) { answer = error.code ?? String(error); }
        console.log(${JSON.stringify(mark)} + JSON.stringify([name, answer]));
      }`);
    await machine.write(`/run/systemd/system/${UNIT}.d/90-probe.conf`, ['[Service]', 'Type=oneshot', 'Restart=no', 'WatchdogSec=0', 'ExecStart=', 'ExecStart=/usr/lib/cassandra-cdc-agent/node /usr/local/lib/probe.mjs', ...settings, ''].join('\n'));
    await machine.must('systemctl daemon-reload');
    const { code, text } = await machine.run(`systemctl start ${UNIT}; code=$?; journalctl --sync; journalctl -o cat -u ${UNIT}; exit $code`);
    expect(code, text).to.equal(0);
    await machine.must(`rm -r /run/systemd/system/${UNIT}.d && systemctl daemon-reload`);
    return Object.fromEntries(text.split('\n').filter((line) => line.startsWith(mark)).map((line) => JSON.parse(line.slice(mark.length)) as [string, unknown]));
  }

  it(`is exposed by ${MOST_EXPOSURE} or less, as systemd-analyze counts`, async () => {
    const report = await machine.must(`systemd-analyze security --no-pager ${UNIT}`);
    expect(Number(/Overall exposure level for \S+ ([\d.]+)/.exec(report)?.[1]), report).to.be.at.most(MOST_EXPOSURE);
  });

  it('writes its own directories and nothing else', async () => {
    const write = (path: string): string => `fs.writeFileSync(${JSON.stringify(path)}, 'x')`;
    const allowed = ['/var/lib/cassandra-cdc-agent/x', `${CASSANDRA}/cdc_spool/x`, `${CASSANDRA}/cdc_raw/x`, '/tmp/x'];
    const rootsHome = (await machine.must('getent passwd root | cut -d: -f6')).trim();
    const refused = ['/etc/x', '/etc/cassandra-cdc-agent/agent.yaml', '/usr/lib/cassandra-cdc-agent/agent/main.js', '/var/lib/x', '/var/log/x', '/run/x', '/opt/x', `${CASSANDRA}/x`, `${rootsHome}/x`, '/home/x', '/dev/x'];
    const answers = await inside(Object.fromEntries([...allowed, ...refused].map((path) => [path, write(path)])));
    for (const path of allowed) expect(answers[path], path).to.equal('done');
    for (const path of refused) expect(answers[path], path).to.be.oneOf(['EROFS', 'EACCES', 'ENOENT', 'EPERM']);
    expect((await machine.run('ls /tmp/x')).code, '/tmp is its own').to.not.equal(0);
  });

  it('can\'t see the data, hints and commit log of the node, even where file rights would let it', async () => {
    expect((await machine.as(AGENT, `cat ${CASSANDRA}/data/row.db`)).text, 'without the sandbox').to.equal('row\n');
    const answers = await inside(Object.fromEntries(['data', 'commitlog', 'hints', 'saved_caches'].map((name) => [name, `fs.readdirSync('${CASSANDRA}/${name}').length`])));
    expect(answers).to.deep.equal({ data: 'EACCES', commitlog: 'EACCES', hints: 'EACCES', saved_caches: 'EACCES' });
  });

  it('moves a file from cdc_raw into the spool; with a path of its own for each it could not', async () => {
    await machine.must(`touch ${CASSANDRA}/cdc_raw/a ${CASSANDRA}/cdc_raw/b`);
    const move = (name: string): Probes => ({ move: `fs.renameSync('${CASSANDRA}/cdc_raw/${name}', '${CASSANDRA}/cdc_spool/${name}')`, device: `fs.statSync('${CASSANDRA}/cdc_raw').dev === fs.statSync('${CASSANDRA}/cdc_spool').dev` });
    expect(await inside(move('a'))).to.deep.equal({ move: 'done', device: true });
    const apart = await inside(move('b'), ['ReadWritePaths=', `ReadWritePaths=${CASSANDRA}/cdc_raw ${CASSANDRA}/cdc_spool`]);
    expect(apart, 'the device does not tell').to.deep.equal({ move: 'EXDEV', device: true });
  });

  it('reads its credentials; nobody else does', async () => {
    const answers = await inside({
      value: 'fs.readFileSync(process.env.CREDENTIALS_DIRECTORY + "/kafka-password", "utf8")', names: 'fs.readdirSync(process.env.CREDENTIALS_DIRECTORY).join()',
      mode: '(fs.statSync(process.env.CREDENTIALS_DIRECTORY + "/kafka-password").mode & 0o777).toString(8)', source: 'fs.readFileSync("/etc/credstore/cassandra-cdc-agent.kafka-password", "utf8")',
    });
    // systemd 257 puts the user into an access control list, whose mask shows as the group's bits.
    expect(answers['mode']).to.be.oneOf(['400', '440']);
    expect(answers).to.deep.include({ value: 'sesame\n', names: 'kafka-password', source: 'EACCES' });
  });

  it('gets no rights, no devices, no other process, no namespace', async () => {
    const answers = await inside({
      root: 'process.setuid(0)', groups: 'process.getgroups().length', others: 'fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).length',
      namespace: 'cp.spawnSync("unshare", ["--user", "true"]).status', mount: 'cp.spawnSync("mount", ["-t", "tmpfs", "tmpfs", "/tmp"]).status', setuid: 'fs.chmodSync(fs.mkdtempSync("/tmp/a"), 0o4755)',
      kernel: 'fs.writeFileSync("/proc/sys/vm/swappiness", "1")', user: 'process.getuid() === 0', jit: '[1, 2, 3].map((x) => x * 2).join()',
    });
    expect(answers).to.deep.include({ root: 'EPERM', setuid: 'EPERM', user: false, jit: '2,4,6' });
    expect(answers['others'], 'itself').to.equal(1);
    expect(answers['namespace']).to.not.equal(0);
    expect(answers['mount']).to.not.equal(0);
    expect(answers['kernel']).to.be.oneOf(['EROFS', 'EACCES', 'ENOENT']);
  });

  it('reaches the network, listens on loopback and resolves names', async () => {
    const answers = await inside({
      listen: 'await new Promise((resolve, reject) => { const server = net.createServer().listen(0, "127.0.0.1", () => server.close(() => resolve("heard"))).on("error", reject); })',
      addresses: 'Object.keys(os.networkInterfaces()).includes("lo")',
    });
    expect(answers).to.deep.equal({ listen: 'heard', addresses: true });
  });

  it('runs a verb in the same sandbox for the operator', async () => {
    const { text } = await machine.run('cassandra-cdc-agent-as-service run 2>/dev/null | head -n 1');
    expect(JSON.parse(text)).to.have.property('topic');
    const checked = await machine.run('cassandra-cdc-agent-as-service check');
    expect(checked.code).to.equal(1);
    expect(checked.text).to.include('kafka.brokers: must not');
  });
});
