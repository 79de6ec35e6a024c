/** Reports that are told within one window; what lies beyond is only counted. */
const REPORTS_PER_WINDOW = 5;
const WINDOW_MS = 60_000;

/** Keeps a flood of the same trouble from flooding whoever listens. */
export class ReportThrottle {
  private windowStart = Number.NEGATIVE_INFINITY;
  private told = 0;
  count = 0;

  /** Counts one, and says whether it should be told. */
  admit(now: number): boolean {
    this.count++;
    if (now - this.windowStart >= WINDOW_MS) {
      this.windowStart = now;
      this.told = 0;
    }
    this.told++;
    return this.told <= REPORTS_PER_WINDOW;
  }
}
