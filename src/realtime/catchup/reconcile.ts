import type { TimerHandle } from '../../clock/index.js';
import type { CursorAcks } from '../acking/cursor-acks.js';
import type { Session } from '../connection/session.js';
import { Life } from '../util/life.js';
import type { Comparison } from './comparison.js';
import type { Drain } from './drain.js';
import type { RestPorts } from './rest-gate.js';

/**
 * Finds a lost *last* message, which no later seq betrays (CATCH-1). In ack mode the undelivered queue tells; what was
 * lost without it, only the list of conversations.
 */
export class Reconcile {
  private timer: TimerHandle = null;
  private life = new Life();

  constructor(
    private readonly ports: RestPorts,
    private readonly drain: Drain,
    private readonly acks: CursorAcks,
    private readonly comparison: Comparison,
    private readonly intervalMs: number,
  ) {}

  sessionStarted(session: Session): void {
    this.life = new Life();
    this.arm(session);
  }

  sessionEnded(): void {
    this.life.end();
    this.ports.clock.clearTimer(this.timer);
    this.timer = null;
  }

  /** Once, now. Also what answers "is this silence real?" where a socket cannot be pinged. */
  async run(session: Session): Promise<void> {
    // BP-1: without acks too, a row that found no room in its lane comes with the next pass.
    if (session.ackMode || this.acks.pending > 0) await this.drain.request();
    await this.comparison.run();
  }

  private arm(session: Session): void {
    const { intervalMs, life } = this;
    if (intervalMs <= 0) return;
    this.timer = this.ports.clock.setTimer(
      () => {
        const done = this.drain.busy && session.ackMode ? Promise.resolve() : this.run(session);
        done.finally(() => {
          if (!life.ended) this.arm(session);
        });
      },
      intervalMs,
      'background',
    );
  }
}
