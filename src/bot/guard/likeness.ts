/** So much of a text is looked at: its beginning and its end. */
const LOOKED_AT = 4_000;
/** So much is kept of it. */
const KEPT = 400;
/** From here on two texts are the same with small differences. */
const ALIKE = 0.9;
/** Stands before a text of which nothing is left without digits and punctuation: such texts are compared as they are. */
const LITERAL = '=';

/**
 * What is left of a text when case, digits, punctuation and white space are taken away: small, and the same for texts that differ
 * in a number or a smiley only.
 */
export function essenceOf(text: string): string {
  const lower = endsOf(text, LOOKED_AT).normalize('NFKC').toLowerCase();
  const words = lower.replace(/[^\p{L}\p{M}]+/gu, ' ').trim();
  return words === '' ? LITERAL + endsOf(lower.replace(/\s+/g, ' ').trim(), KEPT) : endsOf(words, KEPT);
}

/** Whether two essences are the same, or nearly: nine of ten groups of three letters. */
export function alike(left: string, right: string): boolean {
  if (left === right) return true;
  if (left.startsWith(LITERAL) || right.startsWith(LITERAL)) return false;
  const lefts = trigramsOf(left);
  const rights = trigramsOf(right);
  const total = left.length + right.length;
  let shared = 0;
  for (const [trigram, times] of lefts) shared += Math.min(times, rights.get(trigram) ?? 0);
  return (2 * shared) / total >= ALIKE;
}

/** The groups of three letters of a text with a space before and behind it: as many as it has letters. */
function trigramsOf(text: string): ReadonlyMap<string, number> {
  const padded = ` ${text} `;
  const trigrams = new Map<string, number>();
  for (let at = 0; at < text.length; at += 1) {
    const trigram = padded.slice(at, at + 3);
    trigrams.set(trigram, (trigrams.get(trigram) ?? 0) + 1);
  }
  return trigrams;
}

function endsOf(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length / 2) + text.slice(-length / 2);
}
