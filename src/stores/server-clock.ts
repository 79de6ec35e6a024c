import type { Clock } from '../clock/index.js';

/**
 * What time it is at a server, as far as its answers tell. A write says by that clock until when it is wanted, so that one which
 * was stuck on its way does nothing when it arrives after all: its caller has given up, and newer writes may have overtaken it.
 */
export class ServerClock {
  /** By how much the server's clock is ahead of ours, less the time that its answer took; undefined until it has answered. */
  private ahead: number | undefined;

  constructor(private readonly clock: Clock) {}

  /** The server's time, in milliseconds since 1970, at which something that is sent now is no longer wanted. */
  deadline(patienceMs: number): number {
    return this.ahead === undefined ? Number.MAX_SAFE_INTEGER : this.clock.now() + this.ahead + patienceMs;
  }

  /** The server's clock showed `serverMs` when it sent the answer that came just now. */
  learn(serverMs: number): void {
    if (Number.isFinite(serverMs)) this.ahead = serverMs - this.clock.now();
  }
}
