import { doubled } from '../util/backoff.js';
import type { Ending } from './endings.js';

/** LIVE-3: how often in a row, each by itself, a socket did not open and a hello was not answered in time. */
export interface Misses {
  readonly open: number;
  readonly hello: number;
}

export const NO_MISSES: Misses = { open: 0, hello: 0 };

/** A network or a service that needs more than this is of no use to anybody. */
const LONGEST_MS = 30_000;

/** How long to wait after so many misses: 4, 8, 16 and 30 s, if the first wait is 4 s. */
export function waitAfter(misses: number, firstMs: number): number {
  return doubled(firstMs, misses, Math.max(firstMs, LONGEST_MS));
}

/** The misses after an attempt that ended so. Endings of other kinds say nothing about how slow the other side is. */
export function missesAfter(before: Misses, ending: Ending): Misses {
  switch (ending.kind) {
    case 'open_timeout':
      return { ...before, open: before.open + 1 };
    case 'hello_timeout':
      return { ...before, hello: before.hello + 1 };
    default:
      return before;
  }
}

/**
 * The misses after a success: as few as allow for what it took. A service that always needs 4.5 s is not cut at each
 * reconnect again, and one that is quick gets no more patience than at first.
 */
export function missesThatCover(tookMs: number, misses: number, firstMs: number): number {
  let fewest = 0;
  while (fewest < misses && waitAfter(fewest, firstMs) < tookMs) fewest++;
  return fewest;
}
