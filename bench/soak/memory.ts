import type { MemorySample } from './bot.js';

/** How much more there was in the last quarter of a run than in the second. In the first, what is compiled and cached grows. */
export interface Growth {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

export function growthOf(samples: readonly MemorySample[]): Growth {
  const quarter = samples.length / 4;
  const second = samples.slice(Math.floor(quarter), Math.floor(2 * quarter));
  const last = samples.slice(Math.floor(3 * quarter));
  const grown = (what: 'heapBytes' | 'rssBytes') =>
    median(last.map((sample) => sample[what])) - median(second.map((sample) => sample[what]));
  return { heapBytes: grown('heapBytes'), rssBytes: grown('rssBytes') };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
