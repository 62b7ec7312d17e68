import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileSource } from '../../../agent/inspect/file-source.js';
import { findInputs } from '../../../agent/inspect/inputs.js';
import { IoError } from '../../../agent/errors.js';
import { inDirectory } from './harness.js';

const FILES = { 'CommitLog-7-1000.log': '', 'CommitLog-7-999.log': '', 'CommitLog-7-999_cdc.idx': '', 'CommitLog-7-5_cdc.idx': '', 'notes.txt': '' };

function ioError(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof IoError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
}

describe('inspect: inputs', () => {
  it('orders the segments of a directory by number, and finds indexes without a segment', () => inDirectory(FILES, (directory) => {
    const { segments, orphanIndexes } = findInputs([directory], '/');
    expect(segments.map(({ name }) => name)).to.deep.equal(['CommitLog-7-999.log', 'CommitLog-7-1000.log']);
    expect(segments[0].indexPath).to.equal(join(directory, 'CommitLog-7-999_cdc.idx'));
    expect(orphanIndexes).to.deep.equal([join(directory, 'CommitLog-7-5_cdc.idx')]);
  }));

  it('takes any file by name, an index for its segment, and each file once', () => inDirectory(FILES, (directory) => {
    const { segments } = findInputs(['notes.txt', 'CommitLog-7-999_cdc.idx', 'CommitLog-7-999.log', '.'], directory);
    expect(segments.map(({ name, segmentId }) => [name, segmentId])).to.deep.equal([['notes.txt', -1], ['CommitLog-7-999.log', 999], ['CommitLog-7-1000.log', 1000]]);
  }));

  it('says what is not there', () => inDirectory({ 'notes.txt': '' }, (directory) => {
    expect(ioError(() => findInputs(['nothing'], directory))).to.equal(`read_failed: ${join(directory, 'nothing')} does not exist`);
    expect(ioError(() => findInputs(['.'], directory))).to.equal(`no_segments: ${directory} holds no commit-log segment`);
  }));

  it('opens regular files only, without waiting for a FIFO', () => inDirectory({}, (directory) => {
    mkdirSync(join(directory, 'directory'));
    execFileSync('mkfifo', [join(directory, 'fifo')]);
    expect(ioError(() => new FileSource(join(directory, 'fifo')))).to.match(/^not_a_file: .*is not a regular file$/);
    expect(ioError(() => new FileSource(join(directory, 'directory')))).to.match(/^not_a_file: /);
  }));
});
