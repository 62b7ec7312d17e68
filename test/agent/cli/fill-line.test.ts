import { expect } from 'chai';
import { FillLine } from '../../../agent/cli/fill-line.js';
import type { AgentState } from '../../../agent/observe/agent-state.js';

describe('fill line', () => {
  it('warns an hour before cdc_raw is full, and is over with some room to it', () => {
    const said: string[] = [];
    let minutes: number | null = null;
    const line = new FillLine(
      { snapshot: () => ({ cdc_raw: { bytes: 1000, limit_bytes: 4000, minutes_until_full: minutes } }) as AgentState },
      { report: (name: string, fields?: unknown) => void said.push(`${name} ${JSON.stringify(fields)}`), over: (name: string) => void said.push(`over ${name}`) },
    );
    for (minutes of [null, 61, 60, 0, 89, 91]) line.tick();
    expect(said).to.deep.equal([
      'over cdc_raw filling',
      'cdc_raw filling {"used":1000,"limit":4000,"full_in":3600000}',
      'cdc_raw filling {"used":1000,"limit":4000,"full_in":0}',
      'over cdc_raw filling',
    ]);
  });
});
