import type { Clock } from '../../clock/index.js';
import { AgentChatError } from '../../errors/index.js';
import { TIMING } from '../bounds.js';
import type { Counters } from '../counters.js';
import type { Life } from '../life.js';
import type { RealtimeSource } from '../source.js';
import type { BackgroundRest } from './background-rest.js';
import { backoff, pause } from './pause.js';
import { Unconfirmed } from './unconfirmed.js';

/** At most so often: an acknowledgement covers everything before it, so a few say it all. */
const SPACING_MS = 250;

/** Sends the positional acknowledgement of the undelivered queue, one request at a time, the newest cursor each. */
export class RestAcks {
  /** What the cursors cover that the service has not confirmed yet. */
  readonly unconfirmed = new Unconfirmed();
  private cursor: string | null = null;
  private sentAt = Number.NEGATIVE_INFINITY;
  private sending: Promise<void> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly source: RealtimeSource,
    private readonly rest: BackgroundRest,
    private readonly counters: Counters,
    private readonly onError: (error: AgentChatError) => void,
    private readonly life: () => Life,
  ) {}

  /** Everything at or before `cursor` has been handled. */
  advance(cursor: string): void {
    this.cursor = cursor;
    this.resume();
  }

  /** Sends what is due, unless the client is stopped. */
  resume(): void {
    if (this.sending !== null || this.cursor === null || this.life().ended) return;
    this.sending = this.send().finally(() => {
      this.sending = null;
      this.resume();
    });
  }

  /** Resolves when nothing is left to acknowledge (or the client stopped). */
  async flush(): Promise<void> {
    await this.sending;
  }

  private async send(): Promise<void> {
    const life = this.life();
    // One turn of the loop: rows that are handled synchronously advance the cursor many times.
    await new Promise<void>((resolve) => this.clock.defer(resolve));
    let failures = 0;
    while (this.cursor !== null && !life.ended) {
      const tooSoonFor = this.sentAt + SPACING_MS - this.clock.now();
      if (tooSoonFor > 0) {
        await pause(this.clock, tooSoonFor, life);
        continue;
      }
      const { cursor } = this;
      this.cursor = null;
      this.sentAt = this.clock.now();
      this.unconfirmed.ask();
      try {
        await this.rest.runNow((options) => this.source.syncAck(cursor, options), life);
        this.counters.restAcks += 1;
        this.unconfirmed.confirm();
        failures = 0;
      } catch (error) {
        if (life.ended) return;
        // A refusal is final: the rows come again with the next drain, and are acknowledged then.
        if (error instanceof AgentChatError && error.outcome === 'rejected' && !error.retryable) {
          this.onError(error);
          continue;
        }
        this.cursor ??= cursor;
        const hint = error instanceof AgentChatError ? (error.retryAfterMs ?? 0) : 0;
        const bounds = { min: TIMING.syncBackoffMin, max: TIMING.syncBackoffMax };
        await pause(this.clock, backoff(this.clock, failures, bounds, hint), life);
        failures += 1;
      }
    }
  }
}
