import { type Clock, systemClock } from '../clock/index.js';
import { AgentChatError, TimeoutError } from '../errors/index.js';
import type { Claim, DedupeStore } from './dedupe-store.js';

/** A store that takes longer has failed: the service waits about ten seconds for an answer. */
const PATIENCE_MS = 5_000;

/** What is the matter when the store fails at it. */
const CONSEQUENCES = {
  claim: 'It is asked again when the event comes again.',
  commit: 'The event was handled, and may be handled again when its claim has expired.',
  release: 'The event was not handled, and cannot be claimed again until its claim has expired.',
};

/** A dedupe store that always answers, or fails, in time. */
export class Claims {
  constructor(
    private readonly store: DedupeStore,
    private readonly clock: Clock = systemClock,
  ) {}

  /** @throws AgentChatError `STORE_FAILED`. A claim that comes too late to be used is released. */
  claim(key: string): Promise<Claim> {
    return this.inTime(
      'claim',
      async () => readClaim(await this.store.claim(key)),
      (late) => {
        if (late.state === 'claimed') void this.release(key, late.token).catch(() => {});
      },
    );
  }

  /** @throws AgentChatError `STORE_FAILED`. */
  commit(key: string, token: string): Promise<void> {
    return this.inTime('commit', async () => this.store.commit(key, token));
  }

  /** @throws AgentChatError `STORE_FAILED`. */
  release(key: string, token: string): Promise<void> {
    return this.inTime('release', async () => this.store.release(key, token));
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
  const { state, token } = (claim ?? {}) as { state?: unknown; token?: unknown };
  if (state === 'done' || state === 'in_progress' || (state === 'claimed' && typeof token === 'string')) {
    return claim;
  }
  throw new TypeError('claim() must give "claimed" with a token, "in_progress" or "done".');
}

function failed(what: keyof typeof CONSEQUENCES, cause: unknown): AgentChatError {
  return new AgentChatError({
    code: 'STORE_FAILED',
    message: `The dedupe store failed to ${what}. ${CONSEQUENCES[what]} See the cause.`,
    outcome: 'unknown',
    cause,
  });
}
