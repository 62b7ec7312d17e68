/** What must hold for every damaged segment, and what counts as a violation. */
import type { CorruptCode } from '../../parsers/index.js';
import { walkSegment } from '../helpers/segment-walk.js';
import type { SegmentVisitor, WalkOptions, Outcome } from '../helpers/segment-walk.js';
import { canonicalUpdate } from '../helpers/raw-contract.js';
import type { Damaged } from './damage.js';
import { digest, identity } from './corpus.js';
import type { Original, OriginalEntry } from './corpus.js';
import type { Forged } from './forge.js';

/**
 * crash: an error other than CorruptError. hang: more than a second of CPU. invented: an entry, or content of one, that no
 * original held. repeated: an entry twice, or out of its order, where nothing was moved. misplaced: a position that is not
 * the entry's, with nothing reported before. lost: an entry is missing and nothing was reported. changed: an entry that was
 * left alone reads otherwise.
 */
export type ViolationKind = 'crash' | 'hang' | 'invented' | 'repeated' | 'misplaced' | 'lost' | 'changed';

export interface Violation {
  readonly kind: ViolationKind;
  readonly message: string;
}

export interface Verdict {
  readonly violations: Violation[];
  readonly entries: number;
  readonly damages: number;
  readonly milliseconds: number;
}

/** The reading that is judged; another one for the controls. */
export type Walk = (file: Buffer, options: WalkOptions, visitor: SegmentVisitor) => Outcome;

export const CPU_LIMIT_MS = 1000;

export class Judge {
  readonly #walk: Walk;

  constructor(walk: Walk = walkSegment) {
    this.#walk = walk;
  }

  /** Blind damage: whatever comes out stood in an original, byte for byte. `dump`: compare what it decodes to as well. */
  damaged(original: Original, { file, donors, isAccountable, keeps }: Damaged, dump: boolean): Verdict {
    const sources = [original, ...donors];
    const find = (key: string): OriginalEntry | undefined => {
      for (const source of sources) {
        const entry = source.byIdentity.get(key);
        if (entry !== undefined) return entry;
      }
      return undefined;
    };
    const found = new Set<string>();
    const violations: Violation[] = [];
    const order = new OrderCheck(original, violations, keeps === 'place');
    let current: OriginalEntry | undefined;
    const visitor: Visitor = {
      damaged: (code) => {
        order.damaged();
        if (current !== undefined && DECODING.has(code)) violations.push({ kind: 'changed', message: `a sound entry was refused: ${code}` });
      },
      frame: (mutation, position) => {
        const key = identity(mutation);
        current = find(key);
        found.add(key);
        if (keeps !== 'any') order.entry(key, position);
        if (current === undefined) violations.push({ kind: 'invented', message: `an entry of ${mutation.length} bytes: ${mutation.toString('hex').slice(0, 200)}` });
      },
      content: (content) => {
        if (current !== undefined && digest(content) !== current.content) violations.push({ kind: 'invented', message: `content ${content?.slice(0, 300)} of a mutation that has another: ${current.mutation.toString('hex').slice(0, 300)}` });
      },
    };
    const verdict = this.#read(original, file, dump, visitor);
    verdict.violations.push(...violations.filter(({ kind }) => kind !== 'repeated' || original.isPlain || this.#isStateful(original, file)));
    const missing = original.entries.filter((entry) => !found.has(entry.identity));
    if (isAccountable && missing.length > 0 && verdict.damages === 0) {
      verdict.violations.push({ kind: 'lost', message: `${missing.length} of ${original.entries.length} entries are missing and no damage was reported` });
    }
    return verdict;
  }

  /**
   * LZ4 and Snappy have no checksum: a changed distance can copy a whole entry, checksums and all, over another. That stands
   * in the bytes and no reader can tell. What one section leaves behind for the next is another matter.
   */
  #isStateful(original: Original, file: Buffer): boolean {
    const list = (isFresh: boolean): string[] => {
      const found: string[] = [];
      this.#walk(file, { schema: original.schema, key: original.key, depth: 'frames', isFresh }, {
        frame: ({ bytes, start, end }) => found.push(identity(bytes.subarray(start, end))),
      });
      return found;
    };
    return list(false).join('|') !== list(true).join('|');
  }

  /** Forged: what comes out is free, but for the entries that were left alone. */
  forged(original: Original, { file, untouched }: Forged, dump: boolean): Verdict {
    const contents = new Map<string, string | null>();
    let mutation = '';
    const verdict = this.#read(original, file, dump, {
      frame: (bytes) => (mutation = identity(bytes)),
      content: (content) => contents.set(mutation, content),
      damaged: () => undefined,
    });
    if (!dump) return verdict;
    for (const i of untouched) {
      const entry = original.entries[i];
      if (digest(contents.get(entry.identity)) !== entry.content) verdict.violations.push({ kind: 'changed', message: `entry ${i} was left alone and reads ${String(contents.get(entry.identity)).slice(0, 300)} and not as before: ${entry.mutation.toString('hex').slice(0, 300)}` });
    }
    return verdict;
  }

  /** A bomb, or anything else of which only crashes and time matter. */
  alone(original: Original, file: Buffer): Verdict {
    return this.#read(original, file, false, { frame: () => undefined, content: () => undefined, damaged: () => undefined });
  }

  #read(original: Original, file: Buffer, dump: boolean, visitor: Visitor): Verdict {
    const violations: Violation[] = [];
    let entries = 0;
    let damages = 0;
    const options: WalkOptions = { schema: original.schema, key: original.key, depth: dump ? 'dump' : 'touch' };
    const started = performance.now();
    try {
      this.#walk(file, options, {
        frame: ({ bytes, start, end, position }) => {
          entries++;
          visitor.frame(bytes.subarray(start, end), position);
        },
        mutation: (updates) => {
          if (dump) visitor.content(updates.map(canonicalUpdate).join('\n'));
        },
        unknown: () => visitor.content(null),
        damaged: (code) => {
          damages++;
          visitor.damaged(code);
        },
      });
    } catch (error) {
      violations.push({ kind: 'crash', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
    const verdict = { violations, entries, damages, milliseconds: performance.now() - started };
    // Asking for the processor time costs a twentieth of a case: only where the wall time does not acquit.
    if (verdict.milliseconds > CPU_LIMIT_MS) {
      verdict.milliseconds = cpuTime(() => this.#walk(file, options, {}));
      if (verdict.milliseconds > CPU_LIMIT_MS) violations.push({ kind: 'hang', message: `took ${verdict.milliseconds.toFixed(0)} ms of CPU` });
    }
    return verdict;
  }
}

function cpuTime(work: () => unknown): number {
  const before = process.cpuUsage();
  try {
    work();
  } catch {
    // Told by the first reading.
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Entries come out as a subsequence of the original's, and where they stood as long as nothing was reported. */
class OrderCheck {
  readonly #original: Original;
  readonly #violations: Violation[];
  #next = 0;
  #isDamaged = false;

  constructor(original: Original, violations: Violation[], isInPlace: boolean) {
    this.#original = original;
    this.#violations = violations;
    this.#isDamaged = !isInPlace;
  }

  damaged(): void {
    this.#isDamaged = true;
  }

  entry(key: string, position: number): void {
    const { entries } = this.#original;
    let at = this.#next;
    while (at < entries.length && entries[at].identity !== key) at++;
    if (at === entries.length) {
      this.#violations.push({ kind: 'repeated', message: `entry at ${position} again or out of order` });
      return;
    }
    this.#next = at + 1;
    if (!this.#isDamaged && entries[at].end !== position) this.#violations.push({ kind: 'misplaced', message: `entry ${at} ends at ${position} instead of ${entries[at].end}` });
  }
}

interface Visitor {
  frame(mutation: Buffer, position: number): void;
  content(content: string | null): void;
  damaged(code: CorruptCode): void;
}

/** Said of an entry whose checksum holds. */
const DECODING: ReadonlySet<CorruptCode> = new Set<CorruptCode>(['mutation_malformed', 'unknown_column', 'value_invalid']);
