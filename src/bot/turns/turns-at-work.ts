import type { Json } from '../../stores/index.js';

/**
 * What the runs of one turn in this process share. A run that took too long may have left a step behind that is still at work: the
 * next run joins it, and gets what it gives also when it ends before it is asked for.
 */
export class TurnAtWork {
  /** What is recorded, by name. */
  readonly results = new Map<string, Json>();
  private readonly steps = new Map<string, Promise<Json>>();
  private runs = 0;

  constructor(private readonly whenIdle: () => void) {}

  enter(): void {
    this.runs += 1;
  }

  leave(): void {
    this.runs -= 1;
    this.checkIdle();
  }

  /** The step of this name that is at work, or one that begins now. */
  join(name: string, begin: () => Promise<Json>): Promise<Json> {
    const atWork = this.steps.get(name);
    if (atWork !== undefined) return atWork;
    const begun = begin().finally(() => {
      this.steps.delete(name);
      this.checkIdle();
    });
    this.steps.set(name, begun);
    // Its run may be over, and then nobody waits for it.
    begun.catch(() => {});
    return begun;
  }

  private checkIdle(): void {
    if (this.runs === 0 && this.steps.size === 0) this.whenIdle();
  }
}

/** The turns that run in this process, or have left a step at work, by key. */
export class TurnsAtWork {
  private readonly byKey = new Map<string, TurnAtWork>();

  /** Calls `run` with what the runs of this turn share. Entered before the store is read: what ends in between is not missed. */
  async during(key: string, run: (turn: TurnAtWork) => Promise<void>): Promise<void> {
    const turn = this.byKey.get(key) ?? new TurnAtWork(() => this.byKey.delete(key));
    this.byKey.set(key, turn);
    turn.enter();
    try {
      await run(turn);
    } finally {
      turn.leave();
    }
  }
}
