/** The Debian package: what a Debian user expects of installing, keeping, removing and purging it. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectRoot } from '../helpers/project-root.js';
import { runCli } from '../helpers/run-cli.js';
import { removeOnExit } from '../lab/process.js';
import { Machine } from './machine.js';
import { AGENT, buildPackage, copyPackage, debPackage, install, UNIT } from './package.js';

const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('the Debian package', () => {
  let machine: Machine;

  before(async () => {
    machine = await Machine.boot();
  });
  after(() => machine.remove());

  it('is the same bytes for the same sources, whatever the umask and directory of the builder', () => {
    const out = mkdtempSync(join(tmpdir(), 'cdc-deb-again-'));
    removeOnExit(out);
    const before = process.umask(0o077);
    try {
      expect(sha256(buildPackage(out, [], { TMPDIR: out, TZ: 'Asia/Kathmandu', LANG: 'C' }))).to.equal(sha256(debPackage()));
      expect(sha256(debPackage('2'))).to.not.equal(sha256(debPackage()));
    } finally {
      process.umask(before);
    }
  });

  it('installs with apt, makes its own user, and does nothing until it is configured', async () => {
    const said = await install(machine);
    expect(said).to.include('set kafka.brokers in /etc/cassandra-cdc-agent/agent.yaml');
    expect(await machine.must(`id -nG ${AGENT}`)).to.equal(`${AGENT}\n`);
    expect(await machine.must(`getent passwd ${AGENT} | cut -d: -f7`)).to.equal('/usr/sbin/nologin\n');
    expect(await machine.must('stat -c "%a %U %G" /etc/cassandra-cdc-agent /etc/cassandra-cdc-agent/agent.yaml /var/lib/cassandra-cdc-agent /etc/credstore'))
      .to.equal(`750 root ${AGENT}\n640 root ${AGENT}\n750 ${AGENT} ${AGENT}\n700 root root\n`);
    expect((await machine.run(`systemctl is-enabled ${UNIT}; systemctl is-active ${UNIT}`)).text).to.equal('disabled\ninactive\n');
  });

  it('passes dpkg\'s own check of every file', async () => {
    expect(await machine.must('dpkg --verify cassandra-cdc-agent; dpkg -s cassandra-cdc-agent | grep ^Status')).to.equal('Status: install ok installed\n');
    const listed = await machine.must('dpkg -L cassandra-cdc-agent | xargs stat -c "%U:%G %a %F" | sort | uniq -c');
    expect(listed.trim().split('\n').map((line) => line.trim().replace(/^\d+ /, ''))).to.have.members(['root:root 644 regular file', 'root:root 755 directory', 'root:root 755 regular file']);
  });

  it('starts nothing where its configuration was deleted, and the journal says what TROUBLESHOOTING.md names', async () => {
    const file = '/etc/cassandra-cdc-agent/agent.yaml';
    await machine.must(`mv ${file} ${file}.away && systemctl start ${UNIT}`);
    const said = await machine.must(`journalctl --sync; journalctl -u ${UNIT} -o cat --no-pager; mv ${file}.away ${file}`);
    const named = 'was skipped because of an unmet condition check';
    expect(said).to.include(named);
    expect(readFileSync(join(projectRoot, 'deploy/TROUBLESHOOTING.md'), 'utf8')).to.include(`| \`${named}\` |`);
    expect((await machine.run(`systemctl is-active ${UNIT}`)).text).to.equal('inactive\n');
  });

  it('carries its own Node: the machine has no other', async () => {
    expect((await machine.run('command -v node')).code).to.not.equal(0);
    const pinned = (JSON.parse(readFileSync(join(projectRoot, 'deploy/deb/runtime.json'), 'utf8')) as { version: string }).version;
    expect(await machine.must('cassandra-cdc-agent version')).to.include(`node ${pinned}\n`);
  });

  it('prints the same events, reports and reference as the checkout does', async () => {
    const withoutTimes = (text: string): string => text.replace(/"ts_ms":\d+/g, '"ts_ms":0');
    const run = await runCli(['run']);
    expect(withoutTimes(await machine.must('cassandra-cdc-agent run 2>/dev/null'))).to.equal(withoutTimes(run.stdout));
    expect(run.stdout.split('\n').length).to.be.greaterThan(40);
    const [agent, raw] = ['/usr/lib/cassandra-cdc-agent/agent', '/tmp/raw'];
    await machine.must(`mkdir ${raw} && for packed in ${agent}/cdc_raw/*.gz; do zcat $packed > ${raw}/$(basename $packed .gz); done`);
    expect(withoutTimes(await machine.must(`cassandra-cdc-agent run --cdc-raw ${raw} --schema ${agent}/schema.json --threads 2 2>/dev/null`))).to.equal(withoutTimes(run.stdout));
    for (const args of [['config', 'reference'], ['config', 'defaults'], ['config', 'schema']]) expect(await machine.must(`cassandra-cdc-agent ${args.join(' ')}`)).to.equal((await runCli(args)).stdout);
    const inspected = 'zcat /usr/lib/cassandra-cdc-agent/agent/cdc_raw/CommitLog-7-1795373711676.log.gz > /tmp/CommitLog-7-1795373711676.log && cd /tmp && cassandra-cdc-agent inspect --dump CommitLog-7-1795373711676.log | tail -n 1';
    expect(JSON.parse(await machine.must(inspected))).to.include({ k: 'sum', entries: 117, damaged: 0 });
  });

  it('loads the Cassandra and Kafka clients, TLS and logins out of the bundle', async () => {
    await machine.write('/srv/c.yaml', 'cassandra: { contact_points: ["127.0.0.1:1"], username: a, password: b, tls: {} }\nkafka: { brokers: ["127.0.0.1:1"], tls: {}, sasl: { mechanism: scram-sha-512, username: a, password: b } }\nsource: { cdc_raw_directory: /tmp }\n', '0600');
    const { code, text } = await machine.run('cassandra-cdc-agent check --config /srv/c.yaml');
    expect(code).to.equal(1);
    expect(text).to.match(/FAIL {2}cassandra: no Cassandra node answers at 127\.0\.0\.1:1: connect\s+ECONNREFUSED/);
    expect(text).to.match(/FAIL {2}kafka: Kafka does not answer: Connection error: connect ECONNREFUSED\s+127\.0\.0\.1:1/);
  });

  it('has man pages made of the verbs\' own help', async () => {
    const page = await machine.must('zcat /usr/share/man/man1/cassandra-cdc-agent.1.gz');
    const help = (await runCli(['inspect', '--help'])).stdout;
    for (const line of help.split('\n').filter((one) => one.trim() !== '')) expect(page.replaceAll('\\-', '-')).to.include(line);
  });

  it('keeps configuration and state when it is removed, and what an upgrade finds', async () => {
    await machine.must('echo "# mine" >> /etc/cassandra-cdc-agent/agent.yaml; echo position > /var/lib/cassandra-cdc-agent/mark; echo secret > /etc/credstore/cassandra-cdc-agent.kafka-password');
    await install(machine, debPackage('2'));
    expect(await machine.must('dpkg-query -W -f "\\${Version}" cassandra-cdc-agent')).to.match(/-2$/);
    await machine.must('apt-get remove -y cassandra-cdc-agent');
    expect((await machine.run('command -v cassandra-cdc-agent')).code).to.not.equal(0);
    await machine.must('dpkg -i /srv/cassandra-cdc-agent_*-1_amd64.deb');
    expect(await machine.must('tail -n 1 /etc/cassandra-cdc-agent/agent.yaml; cat /var/lib/cassandra-cdc-agent/mark')).to.equal('# mine\nposition\n');
  });

  it('leaves nothing after a purge but the user', async () => {
    await machine.must('install -d -o cassandra-cdc /var/lib/cassandra/cdc_spool && touch /var/lib/cassandra/cdc_spool/CommitLog-7-1.log');
    await machine.must('apt-get purge -y cassandra-cdc-agent');
    expect((await machine.run(`find / -xdev \\( -name '*cassandra-cdc*' -o -name cdc_spool \\) -not -path '/srv/*' -not -path '/proc/*' -not -path '/var/log/*' -not -path '/var/lib/apt/*'`)).text).to.equal('');
    expect((await machine.run(`id ${AGENT}`)).code).to.equal(0);
    expect((await machine.run(`systemctl cat ${UNIT}`)).code).to.not.equal(0);
  });

  it('can be installed again after a purge, as the first time', async () => {
    expect(await machine.must(`apt-get install -y ${await copyPackage(machine, debPackage())}`)).to.include('set kafka.brokers');
    expect(await machine.must('grep -c "# mine" /etc/cassandra-cdc-agent/agent.yaml || true')).to.equal('0\n');
  });
});
