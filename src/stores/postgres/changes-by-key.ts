import type { Change } from '../driver.js';

/**
 * One change for each key, in the order of the keys. All writes lock rows in that order, so that none waits for one that waits
 * for it.
 *
 * @returns Null when a key would have to have two versions at once: such a write cannot be made.
 */
export function changesByKey(changes: readonly Change[]): readonly Change[] | null {
  const byKey = new Map<string, Change>();
  for (const change of changes) {
    const earlier = byKey.get(change.key);
    const both = earlier === undefined ? change : together(earlier, change);
    if (both === null) return null;
    byKey.set(change.key, both);
  }
  return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** What two changes of one key come to. Both conditions are about what stood there before. */
function together(first: Change, second: Change): Change | null {
  const ifVersion = first.ifVersion === undefined ? second.ifVersion : first.ifVersion;
  if (second.ifVersion !== undefined && second.ifVersion !== ifVersion) return null;
  const effect = effectOf(first, second);
  return ifVersion === undefined ? effect : ({ ...effect, ifVersion } as Change);
}

function effectOf(first: Change, second: Change): Change {
  if (second.do === 'check') return first;
  if (second.do !== 'extend' || first.do === 'check' || first.do === 'extend') return second;
  return first.do === 'put' ? { ...first, expiresInMs: second.expiresInMs } : first;
}
