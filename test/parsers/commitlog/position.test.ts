import { expect } from 'chai';
import { parseCdcIndex } from '../../../parsers/commitlog/cdc-index.js';
import { comparePositions, formatPosition, parsePosition } from '../../../parsers/commitlog/position.js';

describe('commit-log positions', () => {
  it('are read back from their text and refuse other text', () => {
    const position = { segment: 1795360528612, position: 129746 };
    expect(parsePosition(formatPosition(position))).to.deep.equal(position);
    for (const text of ['', '1', '1:', ':1', '1:2:3', '-1:2', '1:2 ', 'a:b']) expect(parsePosition(text), text).to.equal(null);
  });

  it('are ordered by segment number, then by place', () => {
    const at = (segment: number, position: number): { segment: number; position: number } => ({ segment, position });
    const sorted = [at(10, 5), at(9, 99), at(10, 4)].sort(comparePositions);
    expect(sorted).to.deep.equal([at(9, 99), at(10, 4), at(10, 5)]);
  });
});

describe('parseCdcIndex', () => {
  it('reads an offset and the end', () => {
    expect(parseCdcIndex('4242')).to.deep.equal({ offset: 4242, completed: false });
    expect(parseCdcIndex('33554432\nCOMPLETED')).to.deep.equal({ offset: 33554432, completed: true });
  });

  it('takes a half-written file for nothing new', () => {
    for (const text of ['', '\n', '12\nCOMP', 'COMPLETED', '-1', '1e3']) expect(parseCdcIndex(text), JSON.stringify(text)).to.equal(null);
  });
});
