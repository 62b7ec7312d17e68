/** agent/EVENTS.md names what there is; its examples are executed by the server tier. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { SKIP_REASONS } from '../../../agent/events/tally.js';
import { projectRoot } from '../../helpers/project-root.js';

describe('EVENTS.md', () => {
  it('lists every reason why something is no event, and no other', () => {
    const section = /## What is no event\n([^]*?)\n## /.exec(readFileSync(join(projectRoot, 'agent/EVENTS.md'), 'utf8'))?.[1] ?? '';
    expect([...section.matchAll(/^\| `(\w+)`/gm)].map(([, reason]) => reason)).to.have.members(Object.keys(SKIP_REASONS));
  });
});
