/** A name further away than this is no typing mistake. */
const FARTHEST_TYPO = 4;

/**
 * The known name that was probably meant: the one with the fewest edits, not counting case, underscores and hyphens.
 * `undefined` when none is within `farthest` edits.
 */
export function nearestName(
  name: string,
  known: readonly string[],
  farthest = FARTHEST_TYPO,
): string | undefined {
  const wanted = plain(name);
  let nearest: string | undefined;
  let fewest = Math.min(farthest, Math.floor(wanted.length / 2)) + 1;
  for (const candidate of known) {
    const edits = editDistance(wanted, plain(candidate));
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  if (nearest !== undefined) return nearest;
  // `timeout` for `timeoutMs`: many edits, and yet plainly meant.
  return wanted.length < 3 || farthest < FARTHEST_TYPO
    ? undefined
    : known.find((candidate) => plain(candidate).startsWith(wanted) || wanted.startsWith(plain(candidate)));
}

function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/** Levenshtein distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
