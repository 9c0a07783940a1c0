/** The candidate that a word was probably meant to be: at most two edits away (one for a short word), or undefined. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase().slice(0, 100);
  const most = lower.length <= 4 ? 1 : 2;
  const rated = candidates
    .map((candidate) => ({ candidate, edits: editDistance(lower, candidate.toLowerCase()) }))
    .sort((left, right) => left.edits - right.edits);
  const best = rated[0];
  return best !== undefined && best.edits <= most ? best.candidate : undefined;
}

/** Insertions, deletions, replacements and exchanges of neighbours that turn one word into the other (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  const row = (length: number) => Array.from({ length: length + 1 }, (_, index) => index);
  let [beforeLast, last] = [row(to.length), row(to.length)];
  for (let i = 1; i <= from.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (last[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let edits = Math.min(replaced, (last[j] as number) + 1, (current[j - 1] as number) + 1);
      const exchanged = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (exchanged) edits = Math.min(edits, (beforeLast[j - 2] as number) + 1);
      current.push(edits);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] as number;
}
