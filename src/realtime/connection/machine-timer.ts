import type { Clock, TimerHandle } from '../../clock/index.js';

/** The machine's one timer. Starting it again forgets what it was waiting for. */
export class MachineTimer {
  private running: { readonly id: number; handle: TimerHandle | null } | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly onFire: (id: number) => void,
  ) {}

  start(id: number, delayMs: number, from: 'now' | 'next_turn'): void {
    this.clear();
    const running: { id: number; handle: TimerHandle | null } = { id, handle: null };
    this.running = running;
    const begin = () => {
      if (this.running !== running) return;
      running.handle = this.clock.setTimer(() => {
        if (this.running !== running) return;
        this.running = null;
        this.onFire(id);
      }, delayMs);
    };
    if (from === 'now') begin();
    else this.clock.defer(begin);
  }

  clear(): void {
    const { running } = this;
    this.running = null;
    if (running !== null && running.handle !== null) this.clock.clearTimer(running.handle);
  }
}
