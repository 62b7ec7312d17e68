import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IoError } from '../../../agent/errors.js';
import { replaceFile } from '../../../agent/files/replace-file.js';

describe('replaceFile', () => {
  let directory: string;
  beforeEach(() => { directory = mkdtempSync(join(tmpdir(), 'cdc-files-')); });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('replaces the file at once, and leaves nothing beside it', async () => {
    writeFileSync(join(directory, 'state.json'), 'old');
    await replaceFile(join(directory, 'state.json'), 'new');
    expect([readFileSync(join(directory, 'state.json'), 'utf8'), readdirSync(directory)]).to.deep.equal(['new', ['state.json']]);
    expect(statSync(join(directory, 'state.json')).mode & 0o007, 'rights of others').to.equal(0);
  });

  it('keeps what was there when it can\'t write, and says so', async () => {
    mkdirSync(join(directory, 'state.json'));
    for (const [path, code] of [['state.json', /state\.json can't be written: E/], ['no/state.json', /ENOENT/]] as const) {
      const error = await replaceFile(join(directory, path), 'new').then(() => undefined, (e: unknown) => e);
      expect(error).to.be.instanceOf(IoError);
      expect((error as IoError).message).to.match(code);
    }
    expect(readdirSync(directory)).to.deep.equal(['state.json']);
  });
});
