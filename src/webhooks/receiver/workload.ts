import type { Clock } from '../../clock/index.js';
import type { ReceivedContext } from './context.js';

/** The authentic events that a receiver has in hand, from their arrival until their handlers are done; and the end of it. */
export class Workload {
  private readonly atWork = new Set<ReceivedContext>();
  private readonly idle = new Set<() => void>();
  private pending = 0;
  private closed = false;

  /** @param most Events in hand at the same time. */
  constructor(
    private readonly clock: Clock,
    private readonly most: number,
  ) {}

  /** Nothing more can be taken in. */
  get isFull(): boolean {
    return this.closed || this.pending >= this.most;
  }

  add(): void {
    this.pending += 1;
  }

  remove(): void {
    this.pending -= 1;
    if (this.pending > 0) return;
    for (const wake of this.idle) wake();
  }

  /** Runs a handler, which hears of it when nobody waits for it any more. */
  async run(context: ReceivedContext, handler: () => unknown): Promise<void> {
    this.atWork.add(context);
    try {
      await handler();
    } finally {
      this.atWork.delete(context);
    }
  }

  /** Takes nothing more in; resolves when what is in hand is done, or was abandoned at the deadline. */
  close(deadlineMs: number): Promise<void> {
    this.closed = true;
    if (this.pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const over = () => {
        this.idle.delete(over);
        this.clock.clearTimer(timer);
        resolve();
      };
      const timer = this.clock.setTimer(() => {
        for (const context of this.atWork) context.abandon();
        over();
      }, deadlineMs);
      this.idle.add(over);
    });
  }
}
