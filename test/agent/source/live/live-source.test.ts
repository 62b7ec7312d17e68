import { expect } from 'chai';
import { SegmentWriter } from '../../../helpers/segment-writer.js';
import { ModelAgent, QUARANTINE, SPOOL, names, synced, world } from './harness.js';
import { RAW } from './model-node.js';

describe('live source', () => {
  for (const mode of ['mmap', 'direct', 'compressed', 'encrypted'] as const) {
    it(`gives entries when their marker is there, in ${mode} mode`, () => {
      const { node, agent } = world(mode);
      node.append(true);
      agent.readAndCommit();
      expect(agent.texts).to.deep.equal([]);
      for (let i = 0; i < 6; i++) {
        node.append(true);
        node.append(false);
        node.sync();
        agent.readAndCommit();
        expect(agent.texts).to.deep.equal(synced(node));
        if (i % 2 === 1) node.roll();
      }
      agent.readAndCommit();
      expect(agent.texts).to.deep.equal(synced(node)).and.have.length(13);
      expect(agent.source.counts.torn).to.equal(0);
    });

    it(`waits for a section that is not all there, in ${mode} mode`, () => {
      const { node, agent } = world(mode);
      for (let i = 0; i < 60; i++) {
        node.append(true, i);
        node.sync(i * 7);
        agent.readAndCommit();
        expect(agent.texts).to.have.length(i);
        node.sync();
        agent.readAndCommit();
        expect(agent.texts).to.have.length(i + 1);
      }
      expect(agent.source.counts.torn).to.be.greaterThan(0);
      expect(agent.gaps).to.deep.equal([]);
    });

    it(`resumes behind any entry, in ${mode} mode`, () => {
      const { node, agent, files } = world(mode);
      for (let i = 0; i < 12; i++) {
        node.append(true);
        if (i % 3 === 2) node.sync();
        if (i === 5) node.roll();
      }
      agent.read();
      agent.commit(0);
      for (let i = 0; i < 12; i++) {
        agent.crash();
        agent.read();
        agent.read();
        agent.commit(1);
      }
      expect(agent.texts).to.deep.equal(synced(node)).and.have.length(12);
      const again = new ModelAgent(files);
      again.position = { ...agent.position as { segment: number; position: number }, index: 1 };
      again.crash();
      again.readAndCommit();
      expect(again.texts).to.deep.equal(synced(node).slice(-1));
    });
  }

  it('recognises the mode by its files', () => {
    for (const mode of ['mmap', 'direct', 'compressed', 'encrypted'] as const) {
      const { agent } = world(mode);
      agent.read();
      expect(agent.source.mode).to.equal(mode);
    }
  });

  it('publishes under durability fsync only what the index confirms', () => {
    const { node, agent, files } = world('mmap', { durability: 'fsync' });
    node.append(true);
    node.sync();
    const index = [...files.names.keys()].find((path) => path.endsWith('_cdc.idx')) as string;
    const confirmed = files.readText(index, 100) as string;
    for (const text of ['', 'rubbish', '12', '-1', '99999999999999']) {
      files.write(index, Buffer.from(text));
      agent.readAndCommit();
      expect(agent.texts, text).to.deep.equal([]);
    }
    files.write(index, Buffer.from(confirmed));
    agent.readAndCommit();
    expect(agent.texts).to.have.length(1);
    node.append(true);
    node.sync();
    files.write(index, Buffer.from(`200000\nCOMPLETED`));
    agent.readAndCommit();
    expect(agent.texts).to.have.length(2);
  });

  it('moves finished segments to the spool while nobody reads, and deletes them when they are committed', () => {
    const { node, agent, files } = world();
    node.fill(5);
    agent.keepUp();
    expect(names(files, SPOOL)).to.have.length(5);
    expect(names(files, RAW).filter((name) => name.endsWith('.log'))).to.have.length(2);
    agent.readAndCommit();
    expect(names(files, SPOOL)).to.deep.equal([]);
    expect(agent.texts).to.deep.equal(synced(node));
    expect(names(files, RAW)).to.have.length(3);
    expect(files.openDescriptors).to.equal(2);
  });

  it('deletes segments that replay brings back, spooled and done', () => {
    const { node, agent, files } = world();
    for (let i = 0; i < 4; i++) {
      node.append(true);
      node.roll();
    }
    node.append(true);
    node.sync();
    agent.read();
    agent.commit(2);
    agent.keepUp();
    node.crash();
    node.append(true);
    node.sync();
    agent.crash();
    agent.readAndCommit();
    expect(agent.texts).to.deep.equal(synced(node)).and.have.length(6);
    expect(names(files, SPOOL)).to.deep.equal([]);
    expect(names(files, RAW).filter((name) => name.endsWith('.log'))).to.have.length(2);
  });

  it('collects links that a clean stop leaves', () => {
    const { node, agent, files } = world();
    for (let i = 0; i < 5; i++) {
      node.restart();
      node.append(true);
      node.sync();
      agent.readAndCommit();
    }
    expect(names(files, RAW).filter((name) => name.endsWith('.log'))).to.have.length(2);
    expect(agent.gaps).to.deep.equal([]);
  });

  it('stops when ids go back, and says what to do', () => {
    const { node, agent } = world();
    node.append(true);
    node.sync();
    agent.readAndCommit();
    node.clockBack(5000);
    node.start();
    expect(() => agent.readAndCommit()).to.throw(/clock went back/).with.property('fix').that.contains('replay --from 995000:0');
    agent.crash();
    expect(() => agent.readAndCommit()).to.throw(/clock went back/);
  });

  it('reads an unlinked file to its end', () => {
    const { node, agent } = world();
    node.append(true);
    node.sync();
    agent.read(1);
    node.append(true);
    node.roll();
    node.dropOldest();
    node.append(true);
    node.sync();
    agent.readAndCommit();
    expect(agent.texts).to.deep.equal(synced(node)).and.have.length(3);
    expect(agent.gaps).to.deep.equal([]);
  });

  it('says a gap for a segment that is gone: the position\'s, and one that was seen', () => {
    const { node, agent, files } = world('mmap', { spool: undefined });
    const first = node.active.id;
    node.append(true);
    node.append(true);
    node.sync();
    agent.readAndCommit();
    agent.delivered.length = 0;
    agent.position = { segment: first, position: node.entries[0].end, index: 0 };
    node.roll();
    node.append(true);
    node.roll();
    node.append(true);
    node.sync();
    agent.keepUp();
    files.crash();
    node.dropOldest();
    node.dropOldest();
    agent.crash();
    agent.readAndCommit();
    expect(agent.texts).to.deep.equal(synced(node).slice(3));
    expect(agent.gaps.map(({ reason, from }) => [reason, from.segment])).to.deep.equal([['position_segment_missing', first], ['segment_vanished', first + 1]]);
    expect(agent.gaps[0].from.position).to.equal(node.entries[0].end);
  });

  for (const mode of ['mmap', 'compressed'] as const) {
    it(`keeps a damaged segment: stop, or leave a section out with a gap, in ${mode} mode`, () => {
      for (const onCorruption of ['stop', 'skip_section'] as const) {
        const { node, agent, files } = world(mode, { onCorruption });
        for (let i = 0; i < 3; i++) {
          node.append(true, 30);
          node.sync();
        }
        const { inode, writer, name } = node.active;
        const place = writer.sections[1].end - 3;
        inode.bytes[place] ^= 0x55;
        if (onCorruption === 'stop') {
          expect(() => agent.readAndCommit()).to.throw(new RegExp(name));
          expect(() => agent.source.poll()).to.throw(new RegExp(name));
          agent.commit();
          expect(agent.texts).to.deep.equal(synced(node).slice(0, 1));
        } else {
          agent.readAndCommit();
          expect(agent.texts).to.deep.equal([synced(node)[0], synced(node)[2]]);
          expect(agent.gaps.map(({ reason, from }) => [reason, from.position])).to.deep.equal([['damaged', mode === 'mmap' ? writer.sections[1].start : agent.gaps[0].from.position]]);
          node.roll();
          node.append(true);
          node.sync();
          agent.readAndCommit();
        }
        expect(names(files, QUARANTINE)).to.deep.equal([name]);
        expect(agent.source.counts.corrupt).to.equal(1);
      }
    });
  }

  it('takes damage in the last section for bytes that are still to come', () => {
    const { node, agent } = world();
    node.append(true);
    node.sync();
    const { inode, writer } = node.active;
    inode.bytes[writer.sections[0].end - 3] ^= 0x55;
    agent.readAndCommit();
    expect(agent.source.counts.torn).to.be.greaterThan(0);
    inode.bytes[writer.sections[0].end - 3] ^= 0x55;
    agent.readAndCommit();
    expect(agent.texts).to.have.length(1);
  });

  it('refuses what Cassandra did not put there, once each', () => {
    const { node, agent, files } = world('mmap', { owner: 0, largestSegment: 300_000 });
    const segment = new SegmentWriter({ version: 7, id: 5_000_000n }).image();
    const put = (name: string, change: Partial<{ owner: number; device: number }>, bytes = segment): void => void Object.assign(files.write(`${RAW}/${name}`, bytes), change);
    put('CommitLog-7-5000001.log', {});
    put('CommitLog-8-5000000.log', {});
    put('CommitLog-7-5000002.log', { owner: 7 }, new SegmentWriter({ version: 7, id: 5_000_002n }).image());
    put('CommitLog-7-5000003.log', { device: 2 }, new SegmentWriter({ version: 7, id: 5_000_003n }).image());
    put('CommitLog-7-5000004.log', {}, new SegmentWriter({ version: 7, id: 5_000_004n }).image({ padTo: 300_001 }));
    put('notes.txt', {});
    files.names.set(`${RAW}/CommitLog-7-5000005.log`, files.inode(Buffer.alloc(0), 'symlink'));
    files.names.set(`${RAW}/CommitLog-7-5000006.log`, files.inode(Buffer.alloc(0), 'directory'));
    node.append(true);
    node.sync();
    for (let i = 0; i < 3; i++) agent.readAndCommit();
    expect(agent.texts).to.have.length(1);
    expect(agent.source.counts.refused).to.equal(8);
  });
});
