import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { longestMountPoint } from '../../../agent/files/mount-point.js';
import { counts, findingText, reportJson, summaryText } from '../../../agent/check/report.js';
import { matchesTable } from '../../../agent/config/table-patterns.js';
import type { Finding } from '../../../agent/check/finding.js';
import { checked, healthy } from './world.js';

const ESCAPE = '\u001b';
const COLOURED = new RegExp(`${ESCAPE}\\[3\\dm[^${ESCAPE}]*${ESCAPE}\\[0m`, 'g');

describe('report of check', () => {
  it('stays within 80 columns, and never breaks a command', async () => {
    const world = healthy();
    world.files.set('/data/cdc_raw', { isDirectory: true, denied: ['write', 'read'] });
    world.settings = null;
    for (const finding of await checked(world)) {
      const text = findingText(finding);
      for (const line of text.trimEnd().split('\n')) if (!line.includes('  $ ')) expect(line.length, line).to.be.at.most(80);
      for (const command of finding.commands ?? []) expect(text).to.include(`\n        $ ${command}\n`);
      // nothing is lost by wrapping
      expect(text.replace(/\s+/g, ' ')).to.include(finding.message.replace(/\s+/g, ' '));
    }
  });

  it('says status, name, message and fix', () => {
    const finding: Finding = { name: 'commit_log', status: 'warn', message: 'rows come late', fix: 'do this', commands: ['run me'] };
    expect(findingText(finding)).to.equal('WARN  commit_log: rows come late\n      fix: do this\n        $ run me\n');
  });

  it('has colour where it is wanted, on the words that say the status alone, and the same text', () => {
    const findings: Finding[] = [{ name: 'a', status: 'ok', message: 'OK '.repeat(40) }, { name: 'b', status: 'warn', message: 'm' }, { name: 'c', status: 'fail', message: 'n', fix: 'f', commands: ['x'] }];
    const text = (colour: boolean): string => findings.map((finding) => findingText(finding, { colour })).join('') + summaryText(findings, { colour });
    expect(text(true).match(COLOURED)).to.deep.equal([
      '\u001b[32mOK\u001b[0m', '\u001b[33mWARN\u001b[0m', '\u001b[31mFAIL\u001b[0m', '\u001b[32m1 OK\u001b[0m', '\u001b[33m1 WARN\u001b[0m', '\u001b[31m1 FAIL\u001b[0m',
    ]);
    expect(stripVTControlCharacters(text(true))).to.equal(text(false));
    expect(summaryText(findings.slice(0, 1), { colour: true }), 'no red where nothing fails').to.equal('\n\u001b[32m1 OK\u001b[0m, 0 WARN, 0 FAIL\n');
  });

  it('is one JSON object of a fixed shape', () => {
    const findings: Finding[] = [{ name: 'a', status: 'ok', message: 'm' }, { name: 'b', status: 'fail', message: 'n', fix: 'f', commands: ['c'] }];
    expect(JSON.parse(reportJson(findings))).to.deep.equal({ ok: false, counts: { ok: 1, warn: 0, fail: 1 }, checks: findings });
    expect((JSON.parse(reportJson(findings.slice(0, 1))) as { ok: boolean }).ok).to.equal(true);
    expect([counts(findings), summaryText(findings)]).to.deep.equal([{ ok: 1, warn: 0, fail: 1 }, '\n1 OK, 0 WARN, 1 FAIL\n']);
  });
});

describe('table patterns', () => {
  it('match whole names, with * and ? inside a name', () => {
    const matches = (include: string, table: string): boolean => matchesTable({ include: [include], exclude: [] }, table);
    expect([matches('*.*', 'a.b'), matches('shop.*', 'shop.orders'), matches('shop.*', 'workshop.orders'), matches('*.audit_?', 'x.audit_1'), matches('*.audit_?', 'x.audit_12'), matches('s.o', 's_o')]).to.deep.equal([true, true, false, true, false, false]);
    expect(matchesTable({ include: ['*.*'], exclude: ['shop.*'] }, 'shop.orders')).to.equal(false);
  });
});

describe('mount points', () => {
  const MOUNTS = '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 8:2 / /data rw - ext4 /dev/sdb1 rw\n24 23 8:2 /x /data/my\\040spool rw - ext4 /dev/sdb1 rw\n';
  it('are those of the longest path above', () => {
    expect(['/data/raw', '/data', '/database', '/data/my spool/a', '/'].map((path) => longestMountPoint(MOUNTS, path))).to.deep.equal(['/data', '/data', '/', '/data/my spool', '/']);
  });
});
