import type { SeqRange } from '../../../src/realtime/index.js';
import type { Dice } from './dice.js';

/** What history may lag behind: less than what the machine waits before it calls anything a hole. */
const LAG_MS = 900;

export interface Sent {
  readonly seq: number;
  readonly createdAt: number;
  /** When history shows it; never for a hole. */
  readonly visibleAt: number;
  readonly hole: boolean;
  readonly own: boolean;
  /** History shows a row that cannot be used. */
  readonly malformed: boolean;
}

/** All that was ever written in one conversation of the model service, and when history shows it. */
export class ModelHistory {
  readonly sent: readonly Sent[];

  constructor(dice: Dice, beginsAt: number, count: number) {
    const holes = dice.pick(0, 0, 0.1, 0.4);
    let at = beginsAt;
    this.sent = Array.from({ length: count }, (_, i) => {
      at += dice.chance(0.1) ? dice.int(0, 40_000) : dice.int(0, 30);
      const hole = dice.chance(holes);
      const own = !hole && dice.chance(0.1);
      const lag = dice.chance(0.3) ? dice.int(0, LAG_MS) : 0;
      const visibleAt = hole ? Number.POSITIVE_INFINITY : at + lag;
      return {
        seq: i + 1,
        createdAt: at,
        visibleAt,
        hole,
        own,
        malformed: !hole && !own && dice.chance(0.03),
      };
    });
  }

  get lastAt(): number {
    return this.sent.at(-1)?.createdAt ?? 0;
  }

  visible(at: number): Sent[] {
    return this.sent.filter(({ visibleAt }) => visibleAt <= at);
  }

  /** The newest that exists at a moment, at or below a seq. */
  newest(at: number, most: number): number {
    return (
      this.sent.findLast(({ seq, createdAt, hole }) => !hole && seq <= most && createdAt <= at)?.seq ?? -1
    );
  }

  /** GAP-2: nothing that exists may be called a hole. */
  checkHole({ from, to }: SeqRange): void {
    const wrong = this.sent.find(({ seq, hole }) => !hole && seq >= from && seq <= to);
    if (wrong !== undefined) throw new Error(`GAP-2: ${wrong.seq} exists and is called a hole`);
  }

  /** GAP-3: what is reported as recovered was delivered. */
  checkRecovered({ from, to }: SeqRange, delivered: ReadonlySet<number>): void {
    for (const { seq, hole, own } of this.sent) {
      if (seq < from || seq > to || hole || own || delivered.has(seq)) continue;
      throw new Error(`GAP-3: reported as recovered, but ${seq} was not delivered`);
    }
  }
}
