/**
 * Loopback addresses and ports of our own. Linux answers on all of 127.0.0.0/8, so every server gets an address derived
 * from our process id with the standard ports: parallel runs do not meet. JMX binds 127.0.0.1 only and needs a port.
 */
import { createServer } from 'node:net';
import { LabError } from './errors.js';

let next = 0;

/** An address on which all `ports` are free. */
export async function freeAddress(ports: readonly number[]): Promise<string> {
  for (let attempt = 0; attempt < 64; attempt++) {
    const address = addressOf(process.pid * 16 + next++);
    const free = await Promise.all(ports.map((port) => isFree(address, port)));
    if (free.every(Boolean)) return address;
  }
  throw new LabError('no free loopback address was found', 'Linux with 127.0.0.0/8 on the loopback interface is needed; stop servers that listen on all addresses');
}

/** 127.1.0.1 to 127.127.255.254, last byte never 0 or 255. */
export function addressOf(index: number): string {
  const last = 1 + (index % 254);
  const third = Math.floor(index / 254) % 256;
  const second = 1 + (Math.floor(index / 254 / 256) % 127);
  return `127.${second}.${third}.${last}`;
}

/** A free port of 127.0.0.1 below the range that the kernel gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 64; attempt++) {
    const port = 20000 + ((process.pid * 61 + next++ * 7) % 12000);
    if (await isFree('127.0.0.1', port)) return port;
  }
  throw new LabError('no free port was found on 127.0.0.1', 'stop servers that listen there');
}

export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
