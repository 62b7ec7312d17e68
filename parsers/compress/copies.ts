/** Copies of a decoder, of a few bytes most often: by words, where it does no harm to write a little behind the end. */

/** Copies of words may read and write this far behind their end; what stands there is not decoded yet. */
export const OVERRUN = 16;
/** Below this many bytes a loop is faster than a view of them. */
const SET_FROM = 24;
/** From this many bytes on, the call that copies memory is faster than a loop over words. */
const COPY_FROM = 192;

/** Copies `count` bytes of the input, which the caller has checked. `hasRoom` says that both sides go on for OVERRUN bytes. */
export function copyLiterals(input: Uint8Array, inputView: DataView, from: number, output: Uint8Array, view: DataView, to: number, count: number, hasRoom: boolean): void {
  if (!hasRoom || count >= COPY_FROM) {
    if (count >= SET_FROM) output.set(input.subarray(from, from + count), to);
    else for (const end = to + count; to < end; ) output[to++] = input[from++];
    return;
  }
  view.setInt32(to, inputView.getInt32(from, true), true);
  view.setInt32(to + 4, inputView.getInt32(from + 4, true), true);
  for (let i = 8; i < count; i += 8) {
    view.setInt32(to + i, inputView.getInt32(from + i, true), true);
    view.setInt32(to + i + 4, inputView.getInt32(from + i + 4, true), true);
  }
}

/**
 * Repeats `count` bytes of the output from `distance` back. Both may overlap: then the last `distance` bytes repeat. Words
 * are copied up to `roomEnd`, OVERRUN before the end of the output.
 */
export function copyMatch(output: Uint8Array, view: DataView, to: number, distance: number, count: number, roomEnd: number): void {
  let from = to - distance;
  const end = to + count;
  if (count >= COPY_FROM && distance >= count) {
    output.copyWithin(to, from, from + count);
  } else if (distance < 4 || end > roomEnd) {
    while (to < end) output[to++] = output[from++];
  } else {
    do {
      view.setInt32(to, view.getInt32(from, true), true);
      view.setInt32(to + 4, view.getInt32(from + 4, true), true);
      to += 8;
      from += 8;
    } while (to < end);
  }
}
