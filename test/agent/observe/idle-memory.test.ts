import { expect } from 'chai';
import { IdleMemory } from '../../../agent/observe/idle-memory.js';

describe('idle memory', () => {
  it('is given back once for each time that no event comes any more', () => {
    let collected = 0;
    const memory = new IdleMemory(() => void collected++);
    const ticks = (count: number, events: number): number => {
      for (let i = 0; i < count; i++) memory.tick(events);
      return collected;
    };
    expect(ticks(10, 0), 'nothing was ever published').to.equal(0);
    expect(ticks(4, 7), 'not yet').to.equal(0);
    expect(ticks(1, 7)).to.equal(1);
    expect(ticks(100, 7), 'not again').to.equal(1);
    for (let events = 8; events < 50; events++) ticks(4, events);
    expect(collected, 'in between').to.equal(1);
    expect(ticks(4, 49)).to.equal(2);
  });

  it('is collected by V8 itself', () => {
    const memory = new IdleMemory();
    const lost = new WeakRef({ some: 'thing' });
    memory.tick(1);
    // A reference that was looked at is kept until the end of the turn.
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      for (let i = 0; i < 4; i++) memory.tick(1);
      expect(lost.deref()).to.equal(undefined);
    });
  });
});
