import { expect } from 'chai';
import { createServer } from 'node:net';
import { addressOf, freeAddress, freePort, isFree } from './address.js';

describe('lab addresses', () => {
  it('stay inside the loopback network for every process id, and never repeat within it', () => {
    const seen = new Set<string>();
    for (let index = 0; index < 100_000; index++) seen.add(addressOf(index));
    expect(seen.size).to.equal(100_000);
    const outside = [...seen, addressOf(4_194_304 * 16), addressOf(Number.MAX_SAFE_INTEGER)].filter((address) => {
      const [first, second, third, last] = address.split('.').map(Number);
      return first !== 127 || second < 1 || second > 127 || third > 255 || last < 1 || last > 254;
    });
    expect(outside).to.deep.equal([]);
  });

  it('are passed over while somebody listens there', async () => {
    const address = await freeAddress([9042]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: address, port: 9042 }, resolve));
    expect(await isFree(address, 9042)).to.equal(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isFree(address, 9042)).to.equal(true);
  });

  it('are different for each server of one process', async () => {
    const addresses = [await freeAddress([9042]), await freeAddress([9042]), await freeAddress([9042])];
    expect(new Set(addresses).size).to.equal(3);
    expect(await freePort()).to.not.equal(await freePort());
  });
});
