import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../helpers/project-root.js';

describe('the table of what is published when', () => {
  const page = readFileSync(join(projectRoot, 'deploy/OPERATIONS.md'), 'utf8');
  const section = page.split('\n### What is published when\n')[1]?.split('\n#')[0] ?? '';
  const named = [...section.matchAll(/`([^`]+)` \|$/gm)].map(([, title]) => title);

  it('names for each row a test that exists', () => {
    const sources = readdirSync(join(projectRoot, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts') && !path.endsWith('guarantees.test.ts'));
    const titles = new Set(sources.flatMap((path) => [...readFileSync(join(projectRoot, 'test', path), 'utf8').matchAll(/\bit\((['`])(.+?)\1, /g)].map(([, , title]) => title.replaceAll(/\$\{\w+\}/g, '…'))));
    expect(named.length).to.be.at.least(6);
    expect(named.filter((title) => !titles.has(title))).to.deep.equal([]);
  });
});
