import type { Clock } from '../clock/index.js';
import { ProtocolError, parseHttpDate } from '../errors/index.js';
import type { ErrorListener } from './listeners.js';

/** An HTTP-date says whole seconds. */
const GRAIN_MS = 1_000;
/** So far apart, the clock of this host is worth a word. */
const DOUBT_MS = 30_000;

/**
 * CATCH-4: what time it is for the service. Its timestamps are compared with this, never with the clock of the host. It is
 * known from the `Date` of REST answers; until one has come, the host's clock has to do.
 */
export class ServiceClock {
  /** The service's time minus our monotonic one lies between these, once an answer has said so. */
  private low: number | null = null;
  private high = 0;
  private hasDoubted = false;

  constructor(
    private readonly clock: Clock,
    private readonly listener: ErrorListener,
  ) {}

  /** An answer, asked for at `askedAt` on the monotonic clock, bore this `Date`. */
  heard(date: string | null | undefined, askedAt: number): void {
    const told = typeof date === 'string' ? parseHttpDate(date, this.clock.wallNow()) : null;
    if (told === null) return;
    const low = told - this.clock.now();
    const high = told + GRAIN_MS - askedAt;
    const agrees = this.low !== null && low <= this.high && high >= this.low;
    // What does not agree any more comes from a clock that was set, or a host that slept: the newest counts.
    this.low = agrees ? Math.max(low, this.low ?? low) : low;
    this.high = agrees ? Math.min(high, this.high) : high;
    this.doubt();
  }

  /** The earliest that the service's clock may have shown at a moment of our monotonic one. */
  earliest(moment: number): number {
    return moment + (this.low ?? this.hostLead());
  }

  /** The latest that it may have shown. */
  latest(moment: number): number {
    return moment + (this.low === null ? this.hostLead() : this.high);
  }

  private hostLead(): number {
    return this.clock.wallNow() - this.clock.now();
  }

  /** How far the clock of this host is ahead of the service's, or behind it (negative), at least; 0 for less than is worth a word. */
  get hostAheadMs(): number | null {
    if (this.low === null) return null;
    const host = this.hostLead();
    const off = host > this.high ? host - this.high : Math.min(host - this.low, 0);
    return Math.abs(off) < DOUBT_MS ? 0 : off;
  }

  private doubt(): void {
    const off = this.hostAheadMs ?? 0;
    if (this.hasDoubted || off === 0) return;
    this.hasDoubted = true;
    const seconds = Math.round(Math.abs(off) / 1_000);
    this.listener.onError(
      new ProtocolError({
        code: 'CLOCK_SKEWED',
        message:
          `The clock of this host is ${seconds} s ${off > 0 ? 'ahead of' : 'behind'} the service's: correct it. ` +
          "Delivery is not affected, because the client goes by the service's clock.",
        outcome: 'not_sent',
        retryable: false,
      }),
    );
  }
}
