/** cassandra-cdc-agent-rights: both ways, on files that are made as Cassandra makes them. */
import { expect } from 'chai';
import type { Machine } from './machine.js';
import { AGENT, machineWithPackage } from './package.js';

const RAW = '/var/lib/cassandra/cdc_raw';
const LOG = '/var/lib/cassandra/commitlog';
const SPOOL = '/var/lib/cassandra/cdc_spool';

describe('rights on cdc_raw', () => {
  let machine: Machine;
  let next = 1;

  before(async () => {
    machine = await machineWithPackage();
  });
  after(() => machine.remove());

  /** As CommitLogSegment does: made in the commit-log directory, linked into cdc_raw, the index written beside the link. */
  async function segment(umask: string): Promise<string> {
    const name = `CommitLog-7-${1795373711676 + next++}`;
    await machine.must(`setpriv --reuid cassandra --regid cassandra --clear-groups -- sh -ec 'umask ${umask}; echo entry > ${LOG}/${name}.log; ln ${LOG}/${name}.log ${RAW}/${name}.log; echo 5 > ${RAW}/${name}_cdc.idx'`);
    return name;
  }

  async function layout(mode: string): Promise<void> {
    await machine.must('rm -rf /var/lib/cassandra');
    for (const directory of ['', 'cdc_raw', 'commitlog', 'data', 'data/shop', 'hints', 'saved_caches']) await machine.must(`install -d -o cassandra -g cassandra -m ${mode} /var/lib/cassandra/${directory}`);
    await machine.must('echo row > /var/lib/cassandra/data/shop/nb-1-big-Data.db && chmod 644 /var/lib/cassandra/data/shop/*');
  }

  /** Modes, owners and everything that an access control list adds; the time-dependent mask left out. */
  const picture = (): Promise<string> => machine.must(`find /var/lib/cassandra -exec stat -c '%n %a %U:%G' {} + | sort; getfacl -Rp /var/lib/cassandra 2>/dev/null | grep -E '^default:|^user:[^:]|^group:[^:]' || true; id -nG ${AGENT}`);
  const rights = (args = ''): Promise<{ code: number; text: string }> => machine.run(`cassandra-cdc-agent-rights ${args}`);
  const may = async (command: string): Promise<boolean> => (await machine.as(AGENT, command)).code === 0;

  for (const { way, mode, umask } of [{ way: '--acl', mode: '0750', umask: '0077' }, { way: '--acl', mode: '0755', umask: '0022' }, { way: '--group', mode: '0750', umask: '0027' }, { way: '--group', mode: '0755', umask: '0022' }]) {
    describe(`${way}, Cassandra's directories ${mode}, its umask ${umask}`, () => {
      let untouched: string;
      let old: string;

      before(async () => {
        await layout(mode);
        old = await segment(umask);
        untouched = await picture();
      });

      it('says what it would do, and does not', async () => {
        const { code, text } = await rights(`${way} --dry-run`);
        expect(code).to.equal(0);
        expect(text).to.match(/^would: /m).and.not.match(/^done: /m);
        expect(await picture()).to.equal(untouched);
        expect(await may(`touch ${RAW}/x`)).to.equal(false);
      });

      it('lets the agent read what is there and what comes, move it into the spool and delete it', async () => {
        const { code, text } = await rights(way);
        expect(code, text).to.equal(0);
        expect(text).to.include(`OK    ${AGENT} may read ${RAW}/${old}.log`).and.to.include(`OK    ${AGENT} may not write it`);
        const fresh = await segment(umask);
        for (const name of [old, fresh]) {
          expect(await may(`cat ${RAW}/${name}.log ${RAW}/${name}_cdc.idx`), name).to.equal(true);
          expect(await may(`mv ${RAW}/${name}.log ${SPOOL}/${name}.log && cat ${SPOOL}/${name}.log && rm -f ${SPOOL}/${name}.log ${RAW}/${name}_cdc.idx`), name).to.equal(true);
        }
      });

      it('lets it write no commit-log file, and nothing else of the node', async () => {
        const name = await segment(umask);
        for (const attempt of [
          `echo x >> ${RAW}/${name}.log`, `truncate -s 0 ${RAW}/${name}.log`, `chmod 666 ${RAW}/${name}.log`, `dd if=/dev/zero of=${RAW}/${name}.log bs=1 count=1 conv=notrunc`,
          `touch ${LOG}/x`, `rm -f ${LOG}/${name}.log`, 'touch /var/lib/cassandra/x', 'touch /var/lib/cassandra/data/x', 'touch /var/lib/cassandra/hints/x',
        ]) expect(await may(attempt), attempt).to.equal(false);
        expect(await machine.must(`cat ${LOG}/${name}.log`)).to.equal('entry\n');
        expect(await may(`mv ${RAW}/${name}.log ${SPOOL}/ && echo x >> ${SPOOL}/${name}.log`), 'not in the spool either').to.equal(false);
        await machine.must(`rm -f ${SPOOL}/${name}.log`);
      });

      it('has nothing to do the second time', async () => {
        const before = await picture();
        const { code, text } = await rights(way);
        expect(code).to.equal(0);
        expect(text).to.include('nothing to do').and.not.match(/^done: /m);
        expect(await picture()).to.equal(before);
      });

      it('takes everything back', async () => {
        await machine.must(`rm -f ${RAW}/* ${LOG}/*`);
        const name = await segment(umask);
        const { code, text } = await rights('--undo');
        expect(code, text).to.equal(0);
        const now = await picture();
        expect(now.replaceAll(name, old)).to.equal(untouched);
        expect((await rights('--undo')).text).to.include('nothing to undo');
      });
    });
  }

  it('keeps group and others out of new segments as Cassandra\'s umask did, which a default ACL overrides', async () => {
    await layout('0755');
    await segment('0077');
    await rights('--acl');
    const name = await segment('0077');
    await machine.must('id -u stranger > /dev/null 2>&1 || useradd --system --groups cassandra stranger');
    expect((await machine.as('stranger', `cat ${RAW}/${name}.log`)).code).to.not.equal(0);
    expect((await machine.as(AGENT, `cat ${RAW}/${name}.log`)).code).to.equal(0);
    await rights('--undo');
  });

  it('tells the group way apart from a umask that keeps the group out, with the fix', async () => {
    await layout('0750');
    await segment('0077');
    const { code, text } = await rights('--group');
    expect(code).to.equal(1);
    expect(text).to.include('FAIL').and.to.include('UMask=0027');
    await rights('--undo');
  });

  it('takes the directories from cassandra.yaml and tells the service about them', async () => {
    await machine.must('install -d -o cassandra -g cassandra /srv/c/cdc_raw /srv/c/log /srv/c/other /srv/d1 && mkdir -p /etc/cassandra');
    await machine.write('/etc/cassandra/cassandra.yaml', 'cdc_raw_directory: "/srv/c/cdc_raw" # here\ncommitlog_directory: /srv/c/log\ndata_file_directories:\n  # disks\n  - /srv/d1\ncommitlog_sync: periodic\n');
    const { code, text } = await rights();
    expect(code, text).to.equal(0);
    expect(text).to.include('cdc_raw_directory: /srv/c/cdc_raw').and.to.include('spool: { directory: /srv/c/cdc_spool }');
    expect(await machine.property('cassandra-cdc-agent', 'ReadWritePaths')).to.equal('-/srv/c');
    expect((await machine.property('cassandra-cdc-agent', 'InaccessiblePaths')).split(' ')).to.have.members(['-/srv/c/log', '-/srv/c/other', '-/srv/d1']);
    expect((await rights('--undo')).code).to.equal(0);
    expect(await machine.property('cassandra-cdc-agent', 'ReadWritePaths')).to.equal('-/var/lib/cassandra');
    await machine.must('rm -r /etc/cassandra /srv/c /srv/d1');
  });

  it('refuses what would open too much, and options that it does not know', async () => {
    await machine.must('install -d -o cassandra /srv/cdc_raw');
    const wide = await rights('--cdc-raw /srv/cdc_raw --dry-run');
    expect(wide.code).to.equal(1);
    expect(wide.text).to.include('the service would get to write all of that').and.to.include('fix:');
    expect((await rights('--sppol /x')).code).to.equal(64);
    expect((await rights('--spool /elsewhere/spool')).text).to.include('does not stand beside');
    expect((await machine.as(AGENT, 'cassandra-cdc-agent-rights')).code).to.equal(77);
  });
});
