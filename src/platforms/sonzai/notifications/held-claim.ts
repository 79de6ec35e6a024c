import type { Clock, TimerHandle } from '../../../clock/index.js';
import type { Claim, DedupeStore } from '../../../stores/index.js';

/** So many renewals in the time that a claim holds: two of them may fail. */
const RENEWALS_PER_LEASE = 3;

/** A claim that holds until it is settled, however long the work takes. */
export class HeldClaim {
  readonly #claims: DedupeStore;
  readonly #clock: Clock;
  readonly #key: string;
  readonly #token: string;
  #timer: TimerHandle | undefined;

  constructor(claims: DedupeStore, clock: Clock, key: string, claim: Extract<Claim, { state: 'claimed' }>) {
    this.#claims = claims;
    this.#clock = clock;
    this.#key = key;
    this.#token = claim.token;
    if (claim.leaseMs !== undefined && claims.renew !== undefined) this.#keep(claim.leaseMs);
  }

  /** It is done, for ever. */
  async commit(): Promise<void> {
    this.#end();
    await this.#claims.commit(this.#key, this.#token);
  }

  /** It is not done: the next may try. */
  async release(): Promise<void> {
    this.#end();
    await this.#claims.release(this.#key, this.#token);
  }

  #keep(leaseMs: number): void {
    this.#timer = this.#clock.setTimer(() => {
      // When it fails the claim still holds, and the next renewal may succeed.
      Promise.resolve(this.#claims.renew?.(this.#key, this.#token)).catch(() => {});
      this.#keep(leaseMs);
    }, leaseMs / RENEWALS_PER_LEASE);
  }

  #end(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
  }
}
