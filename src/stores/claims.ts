import { type Clock, systemClock, type TimerHandle } from '../clock/index.js';
import { AgentChatClientError, TimeoutError } from '../errors/index.js';
import type { Claim, DedupeStore } from './dedupe-store.js';

/** A store that takes longer has failed: the service waits about ten seconds for an answer. */
const PATIENCE_MS = 5_000;
/** So many renewals in the time that a claim holds: two of them may fail. */
const RENEWALS_PER_LEASE = 3;
/** A store that says a millisecond must not be asked a thousand times a second. */
const RENEW_AT_MOST_EVERY_MS = 10;
/** What could not be settled is tried again after 1, 2, 4, ... seconds: for four minutes in all. */
const SETTLE_AGAIN_MS = 1_000;
const SETTLE_RETRIES = 8;
/** While a store is down, no more than so many wait for it. */
const MOST_UNSETTLED = 1_000;

/** What is the matter when the store fails at it. */
const CONSEQUENCES = {
  claim: 'It is asked again when the event comes again.',
  commit:
    'The event was handled. The store is told again for four minutes; after that, the event may be handled again when its claim has expired.',
  release:
    'The event was not handled. The store is told again for four minutes; until it knows, the event cannot be claimed again before its claim has expired.',
};

interface Renewal {
  readonly token: string;
  readonly timer: TimerHandle;
}

/** A dedupe store that always answers, or fails, in time, and whose claims hold while they are needed. */
export class Claims {
  /** What keeps claims from expiring, by key. */
  private readonly renewals = new Map<string, Renewal>();
  /** How many commits and releases wait to be tried again. */
  private unsettled = 0;

  constructor(
    private readonly store: DedupeStore,
    private readonly clock: Clock = systemClock,
  ) {}

  /** @throws AgentChatClientError `STORE_FAILED`. A claim that comes too late to be used is released. */
  async claim(key: string): Promise<Claim> {
    const claim = await this.inTime(
      'claim',
      async () => readClaim(await this.store.claim(key)),
      (late) => {
        if (late.state === 'claimed') this.release(key, late.token).catch(() => {});
      },
    );
    if (claim.state === 'claimed') this.keep(key, claim.token, claim.leaseMs);
    return claim;
  }

  /** @throws AgentChatClientError `STORE_FAILED`; it is tried again all the same. */
  commit(key: string, token: string): Promise<void> {
    return this.settle('commit', key, token);
  }

  /** @throws AgentChatClientError `STORE_FAILED`; it is tried again all the same. */
  release(key: string, token: string): Promise<void> {
    this.endRenewal(key, token);
    return this.settle('release', key, token);
  }

  /** Renews the claim until it is settled: however long the handler takes, nobody else handles the event meanwhile. */
  private keep(key: string, token: string, leaseMs: number | undefined): void {
    if (leaseMs === undefined || this.store.renew === undefined) return;
    const every = Math.max(leaseMs / RENEWALS_PER_LEASE, RENEW_AT_MOST_EVERY_MS);
    const renew = async () => this.store.renew?.(key, token);
    const onTimer = () => {
      // When it fails the claim still holds, and the next may succeed.
      renew().catch(() => {});
      this.keep(key, token, leaseMs);
    };
    this.clock.clearTimer(this.renewals.get(key)?.timer);
    this.renewals.set(key, { token, timer: this.clock.setTimer(onTimer, every, 'background') });
  }

  private endRenewal(key: string, token: string): void {
    const renewal = this.renewals.get(key);
    if (renewal?.token !== token) return;
    this.clock.clearTimer(renewal.timer);
    this.renewals.delete(key);
  }

  /** A store that fails for a moment must not make an event be handled twice, or keep it from being handled. */
  private async settle(
    what: 'commit' | 'release',
    key: string,
    token: string,
    retriesLeft = SETTLE_RETRIES,
  ): Promise<void> {
    try {
      await this.inTime(what, async () => this.store[what](key, token));
      this.endRenewal(key, token);
    } catch (error) {
      if (retriesLeft === 0 || this.unsettled === MOST_UNSETTLED) {
        this.endRenewal(key, token);
      } else {
        this.unsettled += 1;
        const again = () => {
          this.unsettled -= 1;
          this.settle(what, key, token, retriesLeft - 1).catch(() => {});
        };
        const pause = SETTLE_AGAIN_MS * 2 ** (SETTLE_RETRIES - retriesLeft);
        this.clock.setTimer(again, pause, 'background');
      }
      throw error;
    }
  }

  /** @param ask Rejects, and never throws. */
  private inTime<T>(
    what: keyof typeof CONSEQUENCES,
    ask: () => Promise<T>,
    onLate: (answer: T) => void = () => {},
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = this.clock.setTimer(() => {
        late = true;
        reject(failed(what, new TimeoutError(`No answer for ${PATIENCE_MS / 1000} s.`)));
      }, PATIENCE_MS);
      ask().then(
        (value) => {
          this.clock.clearTimer(timer);
          if (late) onLate(value);
          else resolve(value);
        },
        (error: unknown) => {
          this.clock.clearTimer(timer);
          reject(failed(what, error));
        },
      );
    });
  }
}

/** A store is the user's: what it answers may be anything. */
function readClaim(claim: Claim): Claim {
  const { state, token, leaseMs } = (claim ?? {}) as Record<string, unknown>;
  if (state === 'done' || state === 'in_progress') return { state };
  if (state === 'claimed' && typeof token === 'string') {
    const holds = typeof leaseMs === 'number' && leaseMs > 0 && Number.isFinite(leaseMs);
    return { state, token, leaseMs: holds ? leaseMs : undefined };
  }
  throw new TypeError('claim() must give "claimed" with a token, "in_progress" or "done".');
}

function failed(what: keyof typeof CONSEQUENCES, cause: unknown): AgentChatClientError {
  return new AgentChatClientError({
    code: 'STORE_FAILED',
    message: `The dedupe store failed to ${what}. ${CONSEQUENCES[what]} See the cause.`,
    outcome: 'unknown',
    cause,
  });
}
