import type { FaultSettings } from '../local-server/index.js';
import { UsageError } from './failure.js';

/** Faults of a bad day and of a very bad one, by their names in `--faults`. */
const LEVELS: Readonly<Record<string, FaultSettings>> = {
  mild: {
    dropFrames: 0.03,
    duplicateFrames: 0.03,
    reorderFrames: 0.05,
    delayFrames: 0.1,
    cutConnections: 0.002,
    restUnavailable: 0.03,
    restRateLimit: 0.01,
    restCut: 0.01,
  },
  harsh: {
    dropFrames: 0.12,
    duplicateFrames: 0.1,
    reorderFrames: 0.15,
    delayFrames: { rate: 0.2, maxMs: 250 },
    cutConnections: 0.01,
    restUnavailable: 0.08,
    restStall: { rate: 0.01, ms: 1_500 },
    restRateLimit: { rate: 0.02, retryAfterSeconds: 1 },
    restCut: 0.03,
  },
};

/**
 * The faults that were typed: `mild`, `harsh`, or `name=rate` as often as you like. Their names are checked by the server.
 *
 * @throws UsageError
 */
export function faultRates(words: readonly string[]): FaultSettings {
  const settings = words.map((word) => {
    const level = Object.hasOwn(LEVELS, word) ? LEVELS[word] : undefined;
    if (level !== undefined) return level;
    const [, name, rate] = /^(\w+)=(\d*\.?\d+)$/.exec(word) ?? [];
    if (name === undefined) {
      throw new UsageError(
        `"${word}" must be mild, harsh, or a fault and its rate, such as dropFrames=0.05.`,
      );
    }
    return { [name]: Number(rate) };
  });
  return Object.assign({}, ...settings);
}
