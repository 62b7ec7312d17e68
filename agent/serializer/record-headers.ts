/** Headers of an event behind `cdc.id`: one list for all events that have the same, so that it can be known again. */
import type { ChangeEvent, Op, Scope } from '../events/change-event.js';
import type { RecordHeader } from './serializer.js';

const LATE: RecordHeader = ['cdc.late', 'true'];

export class RecordHeaders {
  /** Of all events. */
  readonly #fixed: readonly RecordHeader[];
  readonly #lists = new Map<string, readonly RecordHeader[]>();
  /** Of the event before, as most are. */
  #op: Op | undefined;
  #scope: Scope | undefined;
  #isLate = false;
  #list: readonly RecordHeader[] = [];

  constructor(fixed: readonly RecordHeader[]) {
    this.#fixed = fixed;
  }

  of({ op, scope, isLate }: ChangeEvent): readonly RecordHeader[] {
    if (op === this.#op && scope === this.#scope && isLate === this.#isLate) return this.#list;
    this.#op = op;
    this.#scope = scope;
    this.#isLate = isLate;
    return (this.#list = this.#listOf(op, scope, isLate));
  }

  #listOf(op: Op, scope: Scope, isLate: boolean): readonly RecordHeader[] {
    const kind = `${op} ${scope} ${isLate}`;
    let list = this.#lists.get(kind);
    if (list === undefined) this.#lists.set(kind, (list = [['cdc.op', op], ['cdc.scope', scope], ...(isLate ? [LATE] : []), ...this.#fixed]));
    return list;
  }
}
