/** The service at work: a real Cassandra, a real Kafka, a real systemd. What an operator does to it, under load, without loss. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { stringify } from 'yaml';
import type { AgentState } from '../../agent/observe/agent-state.js';
import { METRICS, type MetricDeclaration } from '../../agent/observe/metrics-table.js';
import { parseExposition, valueOf, type Family } from '../helpers/exposition.js';
import { projectRoot } from '../helpers/project-root.js';
import { copyPackage, debPackage, UNIT } from './package.js';
import { blocks, World } from './world.js';

const CONFIG = '/etc/cassandra-cdc-agent/agent.yaml';
const FIVE_MINUTES = 300_000;
const MIB = 1 << 20;
const EXACT = { lost: [], duplicated: [], unknown: [], disordered: [] };

/** What rules and dashboard ask for and a scrape has no sample of. */
function withoutSample(scrape: ReadonlyMap<string, Family>): string[] {
  const asked = ['prometheus/cassandra-cdc-agent.rules.yml', 'grafana/cassandra-cdc-agent.json'].flatMap((path) => readFileSync(join(projectRoot, 'deploy', path), 'utf8').match(/\b(?:cassandra_cdc|process)_[a-z_]+/g) ?? []);
  const all: Readonly<Record<string, MetricDeclaration>> = METRICS;
  const names = new Set(asked.map((name) => (Object.hasOwn(all, name) ? name : name.replace(/_(bucket|sum|count)$/, ''))));
  return [...names].filter((name) => (scrape.get(name)?.samples ?? []).length === 0);
}

describe('the service at work', () => {
  let world: World;

  before(async () => {
    world = await World.build();
  });
  after(() => world?.remove());

  const journal = (args: string): Promise<string> => world.machine.must(`journalctl --sync; journalctl -u ${UNIT} -o cat --no-pager ${args}`);
  const property = (name: string): Promise<string> => world.machine.property(UNIT, name);
  const scrape = async (): Promise<Map<string, Family>> => parseExposition(await (await fetch(`http://127.0.0.1:${world.httpPort}/metrics`)).text());
  const exact = async (): Promise<void> => {
    const { seen, ...verdict } = await world.verdict();
    expect(verdict).to.deep.equal(EXACT);
    expect(seen).to.equal(world.written.length);
  };

  it('is installed, configured and has its first event in Kafka in less than five minutes, as OPERATIONS.md tells it', async () => {
    const { ms, said } = await world.installAsDocumented();
    expect(ms).to.be.lessThan(FIVE_MINUTES);
    console.log(`        ${(ms / 1000).toFixed(0)} s to the first event`);
    expect(said).to.include('0 FAIL').and.to.include('active (running)');
    await world.writeSome(100);
    await exact();
  });

  it('tells health and lag in `systemctl status` alone', async () => {
    await world.until('the status says where it is', async () => /^tailing, lag .* at \d+:\d+/.test(await world.statusLine()));
    expect(await world.machine.must(`systemctl status --no-pager ${UNIT}`)).to.match(/Active: active \(running\)[\s\S]*Status: "tailing, lag [^"]*, at \d+:\d+/);
  });

  it('writes to the journal with priorities', async () => {
    const entries = (await journal('-o json')).trim().split('\n').map((line) => JSON.parse(line) as { PRIORITY: string; MESSAGE: string; _COMM?: string });
    const own = entries.filter(({ _COMM }) => _COMM === 'node' || _COMM === 'MainThread');
    expect(own.some(({ PRIORITY, MESSAGE }) => PRIORITY === '6' && MESSAGE.includes('agent started'))).to.equal(true);
    for (const { MESSAGE } of own) expect(MESSAGE).to.not.match(/^<\d>/);
  });

  it('answers status, health and metrics', async () => {
    expect(await world.machine.must('cassandra-cdc-agent status')).to.include('tailing');
    const answer = await fetch(`http://127.0.0.1:${world.httpPort}/readyz`);
    expect(answer.status).to.equal(200);
    for (const screen of ['cassandra-cdc-agent status', 'cassandra-cdc-agent-as-service check', 'cassandra-cdc-agent inspect /var/lib/cassandra/cdc_raw']) {
      const text = await world.machine.must(screen);
      // Commands are for pasting.
      expect(text.split('\n').filter((line) => line.length > 80 && !line.includes('  $ ')), screen).to.deep.equal([]);
      expect(text, screen).to.not.include('\u001b');
    }
    // No error happened yet, and cdc_raw is not filling.
    expect(withoutSample(await scrape())).to.have.members(['cassandra_cdc_errors_total', 'cassandra_cdc_raw_directory_full_in_seconds']);
  });

  it('takes a changed configuration on reload, and refuses a wrong one without stopping', async () => {
    const pid = await property('MainPID');
    await world.machine.must(`sed -i 's|^source:|log: { level: debug }\\nsource:|' ${CONFIG}`);
    for (const block of blocks('deploy/OPERATIONS.md', 'Change the configuration', 'sh')) await world.machine.must(block);
    await world.until('the log says what changed', async () => /configuration reloaded.*log\.level/.test(await journal('')));
    await world.machine.must(`sed -i 's|level: debug|level: loud|' ${CONFIG}`);
    expect((await world.machine.run(`cassandra-cdc-agent-as-service config validate ${CONFIG}`)).code).to.equal(78);
    await world.machine.must(`systemctl reload ${UNIT}`);
    await world.until('the log says what is wrong', async () => /configuration refused/.test(await journal('-p err')));
    expect(await property('MainPID')).to.equal(pid);
    await world.machine.must(`sed -i 's|level: loud|level: info|' ${CONFIG} && systemctl reload ${UNIT}`);
    await world.writeSome(20);
    await exact();
  });

  it('is killed and started again when its loop stands still', async () => {
    await world.machine.write(`/run/systemd/system/${UNIT}.d/50-test.conf`, '[Service]\nWatchdogSec=4\n');
    await world.machine.must(`systemctl daemon-reload && systemctl restart ${UNIT}`);
    const [pid, restarts] = [await property('MainPID'), Number(await property('NRestarts'))];
    world.startWriting();
    await world.machine.must(`kill -STOP ${pid}`);
    await world.until('another process runs', async () => Number(await property('NRestarts')) > restarts && (await property('ActiveState')) === 'active');
    expect(await property('MainPID')).to.not.equal(pid);
    expect(await journal('')).to.match(/Watchdog timeout/);
    await world.stopWriting();
    await exact();
    await world.machine.must(`rm -r /run/systemd/system/${UNIT}.d && systemctl daemon-reload && systemctl restart ${UNIT}`);
  });

  it('stops in ten seconds under load, with success, and goes on where it was', async () => {
    world.startWriting();
    await sleep(1000);
    const begun = Date.now();
    await world.machine.must(`systemctl stop ${UNIT}`);
    expect(Date.now() - begun).to.be.lessThan(10_000);
    expect([await property('Result'), await property('ExecMainStatus'), await property('ExecMainCode')]).to.deep.equal(['success', '0', '1']);
    await sleep(1000);
    await world.machine.must(`systemctl start ${UNIT}`);
    await world.stopWriting();
    await exact();
  });

  it('is started again after kill -9, and nothing is lost or twice', async () => {
    world.startWriting();
    for (let round = 0; round < 2; round++) {
      await sleep(500);
      const pid = await property('MainPID');
      await world.machine.must(`kill -KILL ${pid}`);
      await world.until('another process runs', async () => !['0', pid].includes(await property('MainPID')) && (await property('ActiveState')) === 'active');
    }
    await world.stopWriting();
    await exact();
  });

  it('does not try a broken configuration again and again', async () => {
    const right = await world.machine.must(`cat ${CONFIG}`);
    await world.machine.must(`sed -i 's|^kafka:|kafkaa:|' ${CONFIG}`);
    const started = await world.machine.run(`systemctl restart ${UNIT}`);
    await sleep(4500);
    const after = [await property('ActiveState'), await property('ExecMainStatus'), await property('NRestarts')];
    await world.machine.write(CONFIG, right, '0640');
    await world.machine.must(`chgrp cassandra-cdc ${CONFIG} && systemctl start ${UNIT}`);
    expect(started.code).to.not.equal(0);
    expect(after).to.deep.equal(['failed', '78', '0']);
    expect(await journal('-p err'), 'said with the place, as an error').to.match(/agent\.yaml:\d+:\d+\s+kafkaa: unknown key/);
  });

  it('moves its position by hand with the rights and credentials of the service', async () => {
    expect(await world.machine.must('cassandra-cdc-agent-as-service replay --from checkpoint')).to.match(/nothing (was|is) changed/i);
    await world.machine.must(`systemctl stop ${UNIT}`);
    await world.machine.must('cassandra-cdc-agent-as-service replay --from kafka --yes');
    expect((await world.machine.run('cassandra-cdc-agent replay --from kafka --yes')).code, 'root is refused').to.equal(78);
    await world.machine.must(`systemctl start ${UNIT}`);
    await world.writeSome(20);
    await exact();
  });

  it('refuses a spool that lies in a mount of its own, at the start and not at the first full disk', async () => {
    await world.machine.write(`/run/systemd/system/${UNIT}.d/50-test.conf`, '[Service]\nReadWritePaths=\nReadWritePaths=/var/lib/cassandra/cdc_raw /var/lib/cassandra/cdc_spool\n');
    await world.machine.must('systemctl daemon-reload');
    const started = await world.machine.run(`systemctl restart ${UNIT}`);
    const status = await property('ExecMainStatus');
    const checked = await world.machine.run('cassandra-cdc-agent-as-service check');
    await world.machine.must(`rm -r /run/systemd/system/${UNIT}.d && systemctl daemon-reload && systemctl start ${UNIT}`);
    expect([started.code === 0, status]).to.deep.equal([false, '78']);
    expect(await journal('-p err')).to.include('in another mount of it');
    expect(checked.text).to.match(/FAIL {2}spool/);
  });

  it('moves finished segments into the spool while Kafka is away, and has read them all when it is back', async () => {
    await world.kafka.stop();
    try {
      await world.writeSome(90, 'x'.repeat(200_000));
      await world.until('segments are in the spool', async () => Number(await world.machine.must('ls /var/lib/cassandra/cdc_spool | grep -c log || true')) >= 2);
      await world.until('it says that it is not ready', async () => (await fetch(`http://127.0.0.1:${world.httpPort}/readyz`)).status === 503);
      await world.until('the status says for what it waits', async () => /^waiting for kafka/.test(await world.statusLine()));
    } finally {
      await world.kafka.start();
    }
    await exact();
    const { segments, gaps } = JSON.parse(await world.machine.must('cassandra-cdc-agent status --json')) as AgentState;
    // Some stay for the window of repeats; the live one is never read to its end.
    expect({ unread: segments.unread, quarantined: segments.quarantined, gaps: gaps.count }).to.deep.equal({ unread: 1, quarantined: 0, gaps: 0 });
  });

  it('waits for Kafka at a start for as long as it takes, says so as a warning, and stops in ten seconds even then', async () => {
    const stop = async (): Promise<void> => {
      const begun = Date.now();
      await world.machine.must(`systemctl stop ${UNIT}`);
      expect(Date.now() - begun).to.be.lessThan(10_000);
      expect([await property('Result'), await property('ExecMainStatus')]).to.deep.equal(['success', '0']);
    };
    await world.kafka.stop();
    try {
      await world.writeSome(20);
      await stop();
      await world.machine.write(`/run/systemd/system/${UNIT}.d/50-test.conf`, '[Service]\nTimeoutStartSec=5\n');
      await world.machine.must(`systemctl daemon-reload && systemctl start --no-block ${UNIT}`);
      await sleep(9000);
      expect([await property('ActiveState'), await property('NRestarts')]).to.deep.equal(['activating', '0']);
      expect(await world.statusLine()).to.match(/^waiting for kafka/);
      await stop();
      expect(await journal('-p warning..warning -n 200')).to.match(/kafka unavailable/);
      await world.machine.must(`systemctl start --no-block ${UNIT}`);
    } finally {
      await world.kafka.start();
    }
    await world.until('it is ready', async () => (await property('ActiveState')) === 'active');
    await exact();
    await world.machine.must(`rm -r /run/systemd/system/${UNIT}.d && systemctl daemon-reload`);
  });

  it('says in log, status and metrics when cdc_raw will be full; every metric of rules and dashboard has a sample then', async () => {
    const client = await world.client();
    await client.execute('CREATE TABLE shop.filler (id int PRIMARY KEY, data blob)');
    await world.machine.must(`sed -i 's|cdc_spool }|cdc_spool, limit: 64MiB }|' ${CONFIG} && systemctl reload ${UNIT}`);
    let isFilled = false;
    // A segment with one change of a CDC table is kept whole.
    const fill = async (): Promise<void> => {
      for (let id = 0; !isFilled; id++) {
        await client.execute('INSERT INTO shop.filler (id, data) VALUES (?, ?)', [id % 10, Buffer.alloc(MIB)], { prepare: true });
        await world.writeSome(1);
        await sleep(200);
      }
    };
    await world.kafka.stop();
    const filling = fill();
    try {
      const seconds = async (): Promise<number | undefined> => valueOf(await scrape(), 'cassandra_cdc_raw_directory_full_in_seconds');
      await world.until('the metric says it', async () => (await seconds()) !== undefined, 150_000);
      expect(await seconds()).to.be.within(1, 3600);
      expect(withoutSample(await scrape())).to.deep.equal([]);
      expect(await world.machine.must('cassandra-cdc-agent status')).to.match(/^cdc_raw .* full in \d+/m);
      await world.until('the line of systemctl status says it', async () => /cdc_raw full in \d+/.test(await world.statusLine()));
      await world.until('the log warns', async () => /cdc_raw filling +used=\S+ limit=1GiB full_in=\d+/.test(await journal('-p warning..warning -n 200')));
      expect(await journal('-p warning..warning -n 200')).to.match(/spool full/);
    } finally {
      isFilled = true;
      await filling;
      await world.kafka.start();
    }
    await exact();
    await world.until('it is over', async () => /cdc_raw has room/.test(await journal('-n 200')), 120_000);
  });

  it('works with the group way of the rights as with access control lists, and can write no segment', async () => {
    await world.machine.must(`systemctl stop ${UNIT}; cassandra-cdc-agent-rights --undo; cassandra-cdc-agent-rights --group; systemctl start ${UNIT}`);
    expect(await world.machine.must('getfacl -cps /var/lib/cassandra/cdc_raw /var/lib/cassandra/commitlog')).to.equal('');
    const newest = async (): Promise<string> => (await world.machine.must('ls /var/lib/cassandra/cdc_raw/*.log | tail -n 1')).trim();
    const before = await newest();
    const client = await world.client();
    for (let id = 0; id < 10; id++) await client.execute('INSERT INTO shop.filler (id, data) VALUES (?, ?)', [id, Buffer.alloc(MIB)], { prepare: true });
    await world.writeSome(50);
    const after = await newest();
    expect(after).to.not.equal(before);
    await exact();
    expect(await world.machine.must('cassandra-cdc-agent-as-service check')).to.include(' 0 FAIL');
    expect((await world.machine.as('cassandra-cdc', `head -c 8 ${after} > /dev/null`)).code).to.equal(0);
    expect((await world.machine.as('cassandra-cdc', `: >> ${after}`)).code).to.not.equal(0);
  });

  it('is upgraded under load without loss, and restarted by the package', async () => {
    const upgrade = await copyPackage(world.machine, debPackage('2'));
    const pid = await property('MainPID');
    world.startWriting();
    await sleep(500);
    await world.machine.must(`apt-get install -y ${upgrade}`);
    expect([await property('ActiveState'), await property('MainPID') === pid]).to.deep.equal(['active', false]);
    await sleep(500);
    await world.stopWriting();
    await exact();
  });

  it('goes on after it was removed and installed again', async () => {
    world.startWriting();
    await world.machine.must('apt-get remove -y cassandra-cdc-agent');
    expect(await world.machine.must('ls /var/lib/cassandra-cdc-agent | wc -l')).to.not.equal('0\n');
    await sleep(1000);
    await world.machine.must('apt-get install -y /srv/cassandra-cdc-agent_*-2_amd64.deb');
    await world.until('it runs again', async () => (await property('ActiveState')) === 'active');
    await world.stopWriting();
    await exact();
  });

  it('is taken away as OPERATIONS.md tells it, rights included; a purge leaves nothing', async () => {
    for (const block of blocks('deploy/OPERATIONS.md', 'Remove', 'sh')) await world.machine.must(block);
    expect((await world.machine.as('cassandra-cdc', 'ls /var/lib/cassandra/cdc_raw')).code).to.not.equal(0);
    await world.machine.must('apt-get purge -y cassandra-cdc-agent');
    expect((await world.machine.run('ls -d /etc/cassandra-cdc-agent /var/lib/cassandra-cdc-agent /etc/credstore/cassandra-cdc-agent* /var/lib/cassandra/cdc_spool 2>/dev/null')).text).to.equal('');
  });

  describe('by the Ansible role, on the host as it is then', () => {
    const play = async (): Promise<string> => {
      const { code, text } = await world.machine.run('cd /srv/ansible && ANSIBLE_NOCOLOR=1 ansible-playbook -i hosts.yml site.yml', { timeoutMs: 240_000 });
      expect(code, text).to.equal(0);
      return /changed=\d+ .*failed=\d+/.exec(text)?.[0].replace(/\s+/g, ' ') ?? text;
    };

    before(async () => {
      const archive = execFileSync('tar', ['-c', '-C', join(projectRoot, 'deploy/ansible'), '.']);
      await world.machine.must('mkdir -p /srv/ansible && tar -x -C /srv/ansible', { input: archive });
      await world.machine.write('/srv/ansible/hosts.yml', stringify({ cassandra: { hosts: { this: { ansible_connection: 'local', ansible_host: world.node.address } }, vars: world.ansibleVariables() } }));
    });

    it('is installed, configured and ready', async () => {
      expect(await play()).to.match(/changed=[1-9]\d* .*failed=0/);
      expect([await property('ActiveState'), await property('UnitFileState')]).to.deep.equal(['active', 'enabled']);
      await world.writeSome(50);
      await exact();
    });

    it('is not changed by a second run', async () => {
      const pid = await property('MainPID');
      expect(await play()).to.match(/^changed=0 .*failed=0/);
      expect(await property('MainPID')).to.equal(pid);
    });

    it('is restarted when its configuration is another, and a wrong one stops before the service is touched', async () => {
      const pid = await property('MainPID');
      await world.machine.must("sed -i 's/level: info/level: debug/' /srv/ansible/hosts.yml");
      expect(await play()).to.match(/^changed=[1-3] .*failed=0/);
      const next = await property('MainPID');
      expect(next).to.not.equal(pid);
      await world.machine.must("sed -i 's/level: debug/level: loud/' /srv/ansible/hosts.yml");
      const { code, text } = await world.machine.run('cd /srv/ansible && ansible-playbook -i hosts.yml site.yml');
      expect(code).to.not.equal(0);
      expect(text).to.include('log.level');
      expect(await property('MainPID')).to.equal(next);
      expect(await world.machine.must(`cassandra-cdc-agent-as-service config validate ${CONFIG}`), 'the old one is in place').to.include('is right');
    });
  });
});
