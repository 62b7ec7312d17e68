/**
 * Finds where a range deletion ends, ahead of the cursor that stands at its start: a range must be published before the
 * rows inside it, which are newer than it. A second cursor walks the same bytes, a marker ahead of the first.
 */
import { Mutation, UNFILTERED, type PartitionUpdate, type SchemaView } from '../../parsers/index.js';

/** An entry of a segment: `bytes[start..end)`, `bytes[0]` at position `base`. */
export interface MutationBytes {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly base: number;
}

export class RangeEnds {
  readonly #mutation: Mutation;
  #update: PartitionUpdate | undefined;
  #markers = 0;

  constructor(schema: SchemaView) {
    this.#mutation = new Mutation(schema);
  }

  set schema(schema: SchemaView) {
    this.#mutation.schema = schema;
  }

  /** The cursor ahead has moved to another update. */
  forget(): void {
    this.#update = undefined;
  }

  /**
   * The update's cursor standing at the marker that follows the one numbered `marker` (from 1), undefined when none
   * does. `updateNumber` counts the updates of the mutation from 1.
   */
  after(marker: number, place: { readonly mutation: MutationBytes; readonly version: number; readonly updateNumber: number }): PartitionUpdate | undefined {
    const update = (this.#update ??= this.#open(place));
    if (update === undefined) return undefined;
    while (this.#markers <= marker) {
      const kind = update.next();
      if (kind === UNFILTERED.END) return undefined;
      if (kind === UNFILTERED.RANGE_TOMBSTONE_MARKER) this.#markers++;
    }
    return update;
  }

  #open({ mutation, version, updateNumber }: { readonly mutation: MutationBytes; readonly version: number; readonly updateNumber: number }): PartitionUpdate | undefined {
    this.#markers = 0;
    this.#mutation.open(mutation.bytes, mutation.start, mutation.end, { base: mutation.base, version });
    let update: PartitionUpdate | undefined;
    for (let i = 0; i < updateNumber; i++) update = this.#mutation.nextUpdate();
    return update;
  }
}
