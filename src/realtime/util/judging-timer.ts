import type { Clock, TimerHandle } from '../../clock/index.js';

/** A timer that fires this late, or later, tells that our process slept. */
const SLEPT_MS = 1_000;
/** How long the other side's bytes get to reach us after we slept. */
const GRACE_MS = 1_000;

/**
 * LIVE-1: a timer at whose end somebody is judged who should have been heard by then. When it fires so late that our
 * process must have slept, the other side may be fine: what it sent meanwhile still has to reach us. So it waits for one
 * turn of the loop and a second more, once, and calls only then.
 */
export class JudgingTimer {
  private running: { handle: TimerHandle } | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly kind?: 'background',
  ) {}

  /**
   * Starting it again forgets what it was waiting for.
   *
   * @param judges Asked after a sleep: false when this call judges nobody, so that nothing is to be waited for.
   */
  start(delayMs: number, call: () => void, judges: () => boolean = () => true): void {
    this.clear();
    const { clock, kind } = this;
    const running: { handle: TimerHandle } = { handle: null };
    this.running = running;
    const dueAt = clock.now() + delayMs;
    const end = () => {
      if (this.running !== running) return;
      this.running = null;
      call();
    };
    const fire = () => {
      const slept = clock.now() - dueAt >= SLEPT_MS;
      if (!slept || !judges()) end();
      else clock.defer(grace);
    };
    const grace = () => {
      if (this.running === running) running.handle = clock.setTimer(end, GRACE_MS, kind);
    };
    running.handle = clock.setTimer(fire, delayMs, kind);
  }

  clear(): void {
    if (this.running !== null) this.clock.clearTimer(this.running.handle);
    this.running = null;
  }
}
