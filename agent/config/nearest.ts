/** The known word that was probably meant. */

/** Edit distance with neighbouring letters swapped as one step (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + cost);
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) best = Math.min(best, older[column - 2] + 1);
      current.push(best);
    }
    older = previous;
    previous = current;
  }
  return previous[b.length];
}

/** Nearest of the candidates, or undefined when none is near (a third of the letters, at least two). */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const plain = normalise(word);
  if (plain.length > 64) return undefined;
  let found: string | undefined;
  let smallest = Math.max(2, Math.floor(plain.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plain, normalise(candidate));
    // Two letters apart says nothing about a word of three.
    if (distance < smallest && distance < Math.max(plain.length, candidate.length) / 2) {
      smallest = distance;
      found = candidate;
    }
  }
  return found;
}

/** `maxEvents`, `max-events` and `MAX_EVENTS` are max_events. */
function normalise(word: string): string {
  return word.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[-. ]/g, '_').toLowerCase();
}
