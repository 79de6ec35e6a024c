import { setTimeout } from 'node:timers/promises';
import { replies, type TurnScript } from '../../test/platforms/support/turn-script.js';
import { mulberry32 } from '../../test/support/mulberry32.js';
import type { BrainReport } from '../bot.js';
import type { FaultLevel } from '../options.js';

/** How often each fault strikes: a share of the replies. */
interface BrainRates {
  refused: number;
  brokenOff: number;
  late: number;
}

const RATES: Record<FaultLevel, BrainRates> = {
  off: { refused: 0, brokenOff: 0, late: 0 },
  mild: { refused: 0.04, brokenOff: 0.02, late: 0.05 },
  harsh: { refused: 0.1, brokenOff: 0.06, late: 0.1 },
};
/** How late a first piece is, in milliseconds. */
const LATE_MS = { least: 200, most: 800 };

/** What goes wrong with a platform while it thinks, and how often it did. */
export class BrainFaults {
  readonly report: BrainReport = { asked: 0, refused: 0, brokenOff: 0, late: 0 };
  readonly #rates: BrainRates;
  readonly #random: () => number;

  constructor(level: FaultLevel, seed: number) {
    this.#rates = RATES[level];
    this.#random = mulberry32(seed);
  }

  /** Decides what becomes of a reply. */
  readonly plan = (...pieces: readonly string[]): TurnScript => {
    const { refused, brokenOff, late } = this.#rates;
    const drawn = this.#random();
    this.report.asked += 1;
    if (drawn < refused) {
      this.report.refused += 1;
      return { refuse: 503 };
    }
    if (drawn < refused + brokenOff) {
      this.report.brokenOff += 1;
      return [{ do: 'say', text: pieces[0] ?? '' }, { do: 'cut' }];
    }
    const whole = replies(...pieces);
    if (drawn >= refused + brokenOff + late || 'refuse' in whole) return whole;
    this.report.late += 1;
    const { least, most } = LATE_MS;
    return [{ do: 'wait', until: setTimeout(least + this.#random() * (most - least)) }, ...whole];
  };
}
