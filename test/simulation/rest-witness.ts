import type { VirtualClock } from '../support/virtual-clock.js';
import type { Facts } from './facts.js';

/** Watches what the bot asks of REST in the background: not too much at once, and nothing before its time. */
export class RestWitness {
  private asked: number[] = [];
  /** By what was asked: not again before this moment. */
  private notBefore = new Map<string, number>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly facts: Facts,
    private readonly perSecond: number,
  ) {}

  /** A client that begins anew knows nothing of what an earlier one was told. */
  connects(): void {
    this.notBefore = new Map();
  }

  newLife(): void {
    this.asked = [];
    this.connects();
  }

  /** A read has gone out. */
  asks(what: string): void {
    const { facts, perSecond } = this;
    const now = this.clock.now();
    this.asked.push(now);
    const first = this.asked.at(-1 - perSecond);
    if (first !== undefined && now - first < 1_000)
      facts.object('BOUNDS', `${perSecond + 1} background reads within ${Math.round(now - first)} ms`);
    if (this.asked.length > perSecond) this.asked.shift();
    const earliest = this.notBefore.get(what) ?? 0;
    if (now < earliest)
      facts.object('GAP-2', `${what} was asked ${Math.round(earliest - now)} ms before its Retry-After`);
  }

  /** A read was answered with 429. */
  limited(what: string, retryAfterMs: number): void {
    this.notBefore.set(what, this.clock.now() + retryAfterMs);
  }
}
