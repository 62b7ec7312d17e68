/** Many rows, one mutation each, as fast as the node takes them. */
import type { Client } from 'cassandra-driver';

const IN_FLIGHT = 256;

export async function writeBacklog(client: Client, table: string, count: number): Promise<void> {
  let next = 0;
  const text = 'x'.repeat(120);
  const work = async (): Promise<void> => {
    while (next < count) {
      const number = next++;
      for (;;) {
        try {
          await client.execute(`INSERT INTO ${table} (k, v, t) VALUES (?, ?, ?)`, [number, number, text], { prepare: true });
          break;
        } catch {
          // A busy node: once more, the same row.
        }
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}
