import type { Inflow } from './time-slice.js';

/** Lets several ask one socket to rest: it reads while nobody wants it to rest. */
export class SharedInflow {
  private resting = 0;

  constructor(private readonly inflow: Inflow) {}

  /** For one of those who ask. */
  share(): Inflow {
    return new Share(this);
  }

  pause(): void {
    this.resting += 1;
    if (this.resting === 1) this.inflow.pauseReading();
  }

  resume(): void {
    this.resting -= 1;
    if (this.resting === 0) this.inflow.resumeReading();
  }
}

class Share implements Inflow {
  private rests = false;

  constructor(private readonly whole: SharedInflow) {}

  pauseReading(): void {
    if (this.rests) return;
    this.rests = true;
    this.whole.pause();
  }

  resumeReading(): void {
    if (!this.rests) return;
    this.rests = false;
    this.whole.resume();
  }
}
