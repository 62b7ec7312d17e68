/**
 * The epochs on disk: `ring-epochs.json` in the state directory. A line that says what it is, and the content; replaced at
 * once. Rings share their nodes: a change of the ring is a change of few.
 *
 *   {"v":1,"kind":"ring-epochs","sha256":"…"}
 *   {"host_id":…,"joined_at_ms":…,"joined":{"segment":…,"position":…},"ring_changes":…,"replaced":[<host id>…],
 *    "unsettled":{"from_ms":…,"nodes":[<index>…]},
 *    "nodes":[<RingNode>…],"rings":[{"seen_ms":…,"confirmed_ms":…,"nodes":[<index>…]}…],
 *    "replications":[{"from_ms":…,"keyspaces":{<keyspace>:{"class":…}}}…]}
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ConfigError, IoError } from '../errors.js';
import { replaceFile } from '../files/replace-file.js';
import { Epochs } from './epochs.js';
import { Ring, RingError, type RingNode } from './ring.js';

export const EPOCH_FILE = 'ring-epochs.json';
const VERSION = 1;

const CONTENT = z.object({
  host_id: z.string(),
  joined_at_ms: z.number().nullable(),
  joined: z.object({ segment: z.number(), position: z.number() }).nullable().default(null),
  ring_changes: z.number().int().nonnegative(),
  replaced: z.array(z.string()),
  unsettled: z.object({ from_ms: z.number(), nodes: z.array(z.number().int().nonnegative()) }).nullable().default(null),
  nodes: z.array(z.object({ hostId: z.string(), address: z.string(), datacenter: z.string(), rack: z.string(), tokens: z.array(z.string()) })),
  rings: z.array(z.object({ seen_ms: z.number(), confirmed_ms: z.number(), nodes: z.array(z.number().int().nonnegative()) })),
  replications: z.array(z.object({ from_ms: z.number(), keyspaces: z.record(z.string(), z.record(z.string(), z.string())) })),
});
type Content = z.infer<typeof CONTENT>;

/** The epochs of an earlier run, or none. Throws ConfigError when the file is damaged, newer, or of another node; IoError. */
export async function loadEpochs(directory: string, hostId: string): Promise<Epochs> {
  const path = join(directory, EPOCH_FILE);
  const epochs = new Epochs(hostId);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return epochs;
    throw new IoError('ring_epochs', `${path} can't be read: ${code}`, { fix: 'let the agent\'s user read its state directory', cause });
  }
  const content = parse(text, path);
  if (content.host_id !== hostId) {
    throw new ConfigError('ring_epochs_host', `${path} belongs to the Cassandra node ${content.host_id}, this one is ${hostId}`, { fix: `give each node's agent its own state_directory; if this node replaces the other: mv ${path} ${path}.replaced` });
  }
  try {
    restore(epochs, content);
  } catch (cause) {
    if (cause instanceof RingError) throw damaged(path, cause);
    throw cause;
  }
  return epochs;
}

/** Durable when it resolves. Throws IoError. */
export function saveEpochs(directory: string, epochs: Epochs): Promise<void> {
  const text = JSON.stringify(contentOf(epochs));
  return replaceFile(join(directory, EPOCH_FILE), `${JSON.stringify({ v: VERSION, kind: 'ring-epochs', sha256: sumOf(text) })}\n${text}\n`);
}

function contentOf({ hostId, joinedAtMs, joined, ringChanges, replaced, unsettled, rings, replications }: Epochs): Content {
  const nodes: RingNode[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (node: RingNode): number => {
    const key = JSON.stringify(node);
    let index = indexes.get(key);
    if (index === undefined) indexes.set(key, (index = nodes.push(node) - 1));
    return index;
  };
  return {
    host_id: hostId, joined_at_ms: joinedAtMs, joined, ring_changes: ringChanges, replaced: [...replaced],
    unsettled: unsettled === null ? null : { from_ms: unsettled.fromMs, nodes: unsettled.ring.nodes.map(indexOf) },
    rings: rings.periods.map(({ value, seenMs, confirmedMs }) => ({ seen_ms: seenMs, confirmed_ms: confirmedMs, nodes: value.nodes.map(indexOf) })),
    replications: replications.changes.map(({ value, fromMs }) => ({ from_ms: fromMs, keyspaces: Object.fromEntries([...value].map(([name, options]) => [name, { ...options }])) })),
    nodes: nodes as Content['nodes'],
  };
}

function restore(epochs: Epochs, content: Content): void {
  const node = (index: number): RingNode => {
    const found = content.nodes[index];
    if (found === undefined) throw new RingError(`there is no node ${index}`);
    return found;
  };
  epochs.joinedAtMs = content.joined_at_ms;
  epochs.joined = content.joined;
  epochs.ringChanges = content.ring_changes;
  for (const hostId of content.replaced) epochs.replaced.add(hostId);
  epochs.rings.restore(content.rings.map(({ seen_ms: seenMs, confirmed_ms: confirmedMs, nodes }) => ({ value: new Ring(nodes.map(node)), seenMs, confirmedMs })));
  if (content.unsettled !== null) epochs.unsettled = { fromMs: content.unsettled.from_ms, ring: new Ring(content.unsettled.nodes.map(node)) };
  epochs.replications.restore(content.replications.map(({ from_ms: fromMs, keyspaces }) => ({ value: new Map(Object.entries(keyspaces)), fromMs })));
}

function parse(text: string, path: string): Content {
  const end = text.indexOf('\n');
  const header = parsed(text.slice(0, Math.max(0, end))) as { v?: unknown; kind?: unknown; sha256?: unknown } | undefined;
  if (typeof header?.v === 'number' && header.v > VERSION) {
    throw new ConfigError('ring_epochs_newer', `${path} was written by a newer agent (version ${header.v}, this one knows ${VERSION})`, { fix: 'run the newer agent again' });
  }
  const content = text.slice(end + 1, -1);
  if (header?.v !== VERSION || header.kind !== 'ring-epochs' || header.sha256 !== sumOf(content) || !text.endsWith('\n')) throw damaged(path);
  const checked = CONTENT.safeParse(parsed(content));
  if (!checked.success) throw damaged(path, checked.error);
  return checked.data;
}

function damaged(path: string, cause?: unknown): ConfigError {
  return new ConfigError('ring_epochs_damaged', `${path} is damaged`, {
    fix: `check the disk and restore it from a backup, or give the epochs up: mv ${path} ${path}.damaged; the agent then judges all that is not published yet by the ring as it is now, which is wrong for what was written before a change of the ring`,
    cause,
  });
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
