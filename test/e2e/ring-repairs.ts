/** Repair: nothing comes of data that is the same everywhere; what a node had missed comes with it, marked as late. */
import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLEAN_RING, headerOf, judgeRing, tallyRing } from './ring-verdict.js';
import type { RingChange } from './ring-writer.js';
import type { RingWorld } from './ring-world.js';

const valuesOf = (changes: readonly RingChange[]): number[] => changes.map(({ v }) => v ?? 0).sort((one, other) => one - other);

export function ringRepairs(worldOf: () => RingWorld): void {
  it('a repair of consistent data gives no event', async () => {
    const world = worldOf();
    const table = await world.table();
    const writer = await world.writer(table);
    writer.start();
    await sleep(3000);
    await writer.stop();
    const before = await world.verdict(writer, table);
    expect(tallyRing(before), world.said()).to.include(CLEAN_RING);
    const said = await world.ring.nodes[0].nodetool('repair', '-full', ...table.name.split('.'));
    expect(said).to.match(/Repair completed successfully/i);
    await sleep(3000);
    const after = tallyRing(await world.verdict(writer, table));
    console.log(`      before ${JSON.stringify(tallyRing(before))}, after ${JSON.stringify(after)}`);
    expect(after).to.deep.equal(tallyRing(before));
  });

  it('what a node missed for good comes with the next repair, and carries cdc.late', async () => {
    const world = worldOf();
    const table = await world.table({ ownership: { late_after: '3s' } });
    const [first, second, third] = world.ring.nodes;
    for (const node of [first, second]) await node.nodetool('disablehandoff');
    const writer = await world.writer(table, { insertsOnly: true });
    await third.stop();
    writer.start();
    await sleep(3000);
    await writer.stop();
    await third.start();
    for (const node of [first, second]) await node.nodetool('enablehandoff');
    await sleep(4000);
    const ofThird = await world.ownedBy(third, writer.partitions);
    const known = await world.quiet(table);
    const missed = judgeRing(writer.changes, await world.consumer.read(table.topic)).lost;
    expect(missed.length).to.be.greaterThan(20);
    expect(valuesOf(missed), 'those that the node that was away owns, as the driver counts').to.deep.equal(valuesOf(writer.acked.filter(({ k }) => ofThird.has(k))));
    await first.nodetool('repair', '-full', ...table.name.split('.'));
    const found = await world.verdict(writer, table);
    console.log(`      ${writer.acked.length} changes, ${missed.length} missed by their owner, ${known} events before the repair; after it ${JSON.stringify(tallyRing(found))}`);
    expect(found.lost, world.said()).to.have.lengthOf(0);
    expect(found.invented).to.equal(0);
    const values = new Set(missed.map(({ v }) => v));
    let late = 0;
    for (const record of await world.consumer.read(table.topic)) {
      const { after: { v } } = JSON.parse((record.value as Buffer).toString()) as { after: { v: number } };
      if (!values.has(v)) continue;
      expect(headerOf(record, 'cdc.late'), `of ${String(record.value)}; ${world.said()}`).to.equal('true');
      late++;
    }
    expect(late).to.be.at.least(missed.length);
    for (const { isLate } of found.repeated) expect(isLate, 'what comes again is marked').to.equal(true);
  });
}
