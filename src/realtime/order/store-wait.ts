import type { Clock, TimerHandle } from '../../clock/index.js';
import type { Bounds } from '../bounds.js';
import type { Inflow } from '../lanes/time-slice.js';
import type { Busy, Sequence } from './conversation.js';

/** The socket rests for no longer: its end has to be seen, and its pings answered. */
const LONGEST_REST_MS = 1_000;

/**
 * GAP-4: until the store has said where a conversation begins, all that arrives of it is held. A burst would be over the bounds of the
 * hold before the answer is there, and would have to be fetched again from history. So when the hold is half full, which
 * leaves room for what was read already, the burst waits where it comes from.
 */
export class StoreWait {
  /** Conversations that wait for the store, and hold much. */
  private readonly crowded = new Set<Busy>();
  private timer: TimerHandle | null = null;
  /** This store takes longer than the socket may rest. True until nobody who holds much waits for it. */
  private tooSlow = false;

  constructor(
    private readonly clock: Clock,
    private readonly bounds: Bounds,
    private readonly inflow: Inflow,
  ) {}

  /** Something has happened in the conversation. `held`: how much all conversations hold. */
  look(busy: Busy, sequence: Sequence, held: number): void {
    const { holdPerConversation, holdTotal } = this.bounds;
    if (sequence.anchoring?.step !== 'store') {
      this.over(busy);
    } else if (sequence.hold.size * 2 >= holdPerConversation || held * 2 >= holdTotal) {
      this.crowded.add(busy);
      this.rest();
    }
  }

  /** The conversation does not wait any more. */
  over(busy: Busy): void {
    if (!this.crowded.delete(busy) || this.crowded.size > 0) return;
    this.tooSlow = false;
    this.readOn();
  }

  private rest(): void {
    if (this.timer !== null || this.tooSlow) return;
    this.inflow.pauseReading();
    this.timer = this.clock.setTimer(
      () => {
        this.tooSlow = true;
        this.readOn();
      },
      LONGEST_REST_MS,
      'background',
    );
  }

  private readOn(): void {
    this.clock.clearTimer(this.timer);
    this.timer = null;
    this.inflow.resumeReading();
  }
}
