/** What happens when room is short: what the node deletes, what a full spool gives up, and what is said of it. */
import { expect } from 'chai';
import { END_OF_SEGMENT_POSITION } from '../../../../agent/source/live/reports.js';
import { SPOOL, names, synced, world } from './harness.js';
import { RAW } from './model-node.js';

describe('live source when room is short', () => {
  it('says a gap for segments that came and went while it stood still, where the node deletes what is unread', () => {
    for (const unlinksUnread of [true, false]) {
      const { node, agent } = world('mmap', { unlinksUnread });
      const first = node.active.id;
      node.append(true);
      node.sync();
      agent.readAndCommit();
      for (let i = 0; i < 5; i++) {
        node.append(true);
        node.roll();
      }
      for (let i = 0; i < 4; i++) node.dropOldest();
      node.append(true);
      node.sync();
      agent.readAndCommit();
      // Of the first two the files are open.
      expect(agent.texts.map((text) => Number(text.split('/')[0]) - first)).to.deep.equal([0, 0, 1, 4, 5]);
      expect(agent.gaps.map(({ reason, from, to, isCertain }) => [reason, from, to, isCertain])).to.deep.equal(unlinksUnread
        ? [['segments_missing', { segment: first + 2, position: 0 }, { segment: first + 3, position: END_OF_SEGMENT_POSITION }, false]]
        : []);
    }
  });

  it('says it also of the time when it was away, once', () => {
    const { node, agent } = world('mmap', { unlinksUnread: true });
    const first = node.active.id;
    node.append(true);
    node.sync();
    agent.readAndCommit();
    node.roll();
    for (let i = 0; i < 4; i++) {
      node.append(true);
      node.roll();
    }
    for (let i = 0; i < 3; i++) node.dropOldest();
    node.append(true);
    node.sync();
    agent.crash();
    agent.readAndCommit();
    agent.crash();
    agent.readAndCommit();
    expect(agent.gaps.map(({ reason, from, to }) => [reason, from.segment - first, to.segment - first])).to.deep.equal([['position_segment_missing', 0, 0], ['segments_missing', 1, 2]]);
    expect(agent.texts.map((text) => Number(text.split('/')[0]) - first)).to.deep.equal([0, 3, 4, 5]);
  });

  it('finds nothing missing over restarts of the node', () => {
    for (const how of ['restart', 'crash'] as const) {
      for (const isAway of [false, true]) {
        const { node, agent } = world('mmap', { unlinksUnread: true });
        for (let i = 0; i < 3; i++) {
          node.append(true);
          node.sync();
          agent.readAndCommit();
          node.clock += 5000;
          node[how]();
          node.append(true);
          node.sync();
          if (isAway) agent.crash();
          agent.readAndCommit();
        }
        expect([agent.gaps, agent.texts], `${how}, ${isAway ? 'away' : 'there'}`).to.deep.equal([[], synced(node)]);
      }
    }
  });

  it('gives up the oldest of a full spool under the policy gap, and leaves segments under block', () => {
    for (const whenFull of ['gap', 'block'] as const) {
      const { node, agent, files } = world('mmap', { spool: { directory: SPOOL, limit: 450_000, whenFull } });
      node.fill(5);
      agent.keepUp();
      expect(names(files, SPOOL)).to.have.length(2);
      agent.readAndCommit();
      if (whenFull === 'block') expect(agent.texts).to.deep.equal(synced(node));
      else expect([agent.texts.length, agent.gaps.map(({ reason }) => reason)]).to.deep.equal([3, ['given_up', 'given_up', 'given_up']]);
    }
  });

  it('keeps what is only compared with until room is needed, and misses nothing then', () => {
    for (const spool of [{ directory: SPOOL, limit: 450_000, whenFull: 'block' as const }, undefined]) {
      const { node, agent, files } = world('mmap', { spool, rawLimit: 1_300_000 });
      const low = { segment: node.active.id, position: 0, index: 0 };
      for (let i = 0; i < 8; i++) {
        node.append(true);
        node.append(true);
        node.roll();
        node.append(true);
        node.sync();
        agent.read();
        agent.commit();
        agent.source.committed(agent.position!, low);
        agent.keepUp();
        // What leaves room for one in the spool, or for two in cdc_raw; the one in use and the one that stands ready.
        expect(names(files, RAW).concat(names(files, SPOOL)).filter((name) => name.endsWith('.log')).length, `after ${i + 1} segments`).to.equal(Math.min(i + 1, spool === undefined ? 2 : 1) + 2);
      }
      // As after a restart: from `low` on, which is gone.
      agent.start();
      agent.source.committed(agent.position!, low);
      agent.source.begin(low);
      const again = agent.delivered.splice(0).map(({ text }) => text);
      agent.readAndCommit();
      expect(agent.gaps.filter(({ to }) => to.segment >= node.active.id)).to.deep.equal([]);
      expect([...new Set([...again, ...agent.texts])]).to.deep.equal(synced(node));
    }
  });

  it('gives nothing up while there is room in cdc_raw, and says once that the spool is full', () => {
    const said: boolean[] = [];
    const { node, agent } = world('mmap', { rawLimit: 1_300_000, spool: { directory: SPOOL, limit: 450_000, whenFull: 'gap' }, listener: { spoolFull: (isFull) => said.push(isFull) } });
    for (let i = 0; i < 8; i++) {
      node.append(true);
      node.roll();
      node.append(true);
      node.sync();
      agent.keepUp();
      // Two in the spool; two, the one in use and the one that stands ready in cdc_raw, and room for two more.
      expect(agent.source.counts.givenUp, `after ${i + 1} segments`).to.equal(Math.max(0, i + 1 - 4));
    }
    expect(said).to.deep.equal([true]);
    agent.readAndCommit();
    node.append(true);
    node.sync();
    agent.readAndCommit();
    expect(said).to.deep.equal([true, false]);
    expect(agent.gaps.map(({ reason }) => reason)).to.deep.equal(['given_up', 'given_up', 'given_up', 'given_up']);
    // One entry in the first segment, two in each of the next three.
    expect(agent.texts).to.deep.equal(synced(node).slice(7));
  });

  it('says of the position\'s segment too that it was given up, when reading begins again at it', () => {
    const { node, agent } = world('mmap', { rawLimit: 1_300_000, spool: { directory: SPOOL, limit: 450_000, whenFull: 'gap' } });
    const first = node.active.id;
    node.append(true);
    node.append(true);
    node.sync();
    agent.readAndCommit();
    // Half of the first segment is committed; then Kafka is away, and the transaction is given up.
    const position = { segment: first, position: node.entries[0].end, index: 0 };
    agent.source.committed(position);
    agent.source.begin(position);
    for (let i = 0; i < 8; i++) {
      node.roll();
      node.append(true);
      node.sync();
      agent.keepUp();
    }
    expect(agent.source.counts.givenUp).to.be.greaterThan(1);
    agent.source.begin(position);
    agent.readAndCommit();
    expect(agent.gaps.length).to.equal(agent.source.counts.givenUp);
    expect(agent.gaps[0]).to.include({ reason: 'given_up', isCertain: true }).and.have.property('from').deep.equal({ segment: first, position: node.entries[0].end });
    expect(agent.gaps.every(({ reason }) => reason === 'given_up')).to.equal(true);
  });
});
