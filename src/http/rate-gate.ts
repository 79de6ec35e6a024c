import type { Clock } from '../clock/index.js';
import type { AgentChatClientError } from '../errors/index.js';
import { Barrier } from './barrier.js';
import type { CallScope, Interruption } from './call-scope.js';
import { isTooQuick, Tally } from './pace.js';
import { backoffMs, type RetryPolicy } from './retry-policy.js';
import { Turn, type WaitEnd } from './turn.js';

/** Why a call may not leave, and is not let wait. */
export interface HeldBack {
  readonly kind: 'held_back';
  readonly why: 'hint_too_long' | 'deadline' | 'full' | 'in_vain';
  /** How long nobody may leave yet. */
  readonly waitMs: number;
}

/** How long this call may wait, and until when. */
export interface Patience {
  readonly policy: RetryPolicy;
  readonly scope: CallScope;
  /** It was not refused itself. Such calls are not taken in without bound. */
  readonly isNew: boolean;
}

/**
 * Knows that the service has asked to slow down (RATE-1), for all calls of one client. Open until a call is refused with 429;
 * while it is open it counts what gets through, and nothing else.
 *
 * Limits are counted by kind of call, and some by whom it speaks to, which a refusal does not say. So a refusal closes the
 * way to that addressee; when a second one is refused as well, the way is closed for the whole kind. A single refusal among many
 * calls that are taken closes nothing.
 */
export class RateGate {
  readonly clock: Clock;
  readonly #taken = new Tally();
  readonly #refused = new Tally();
  readonly #barriers = new Map<string, Barrier>();
  #calls = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Nobody has to wait, whatever the call. */
  get isOpen(): boolean {
    return this.#barriers.size === 0;
  }

  /** Whether the service takes calls of this client at all. */
  get takes(): boolean {
    return this.#taken.perSecond(this.clock.now()) > 0;
  }

  turn(kind: string, addressee: string | undefined, maxRetries: number): Turn {
    this.#calls += 1;
    return new Turn(kind, addressee, this.#calls, maxRetries);
  }

  /** How long the call has to wait at least. */
  waitMs(turn: Turn): number {
    return this.#find(turn)?.waitMs(this.clock.now()) ?? 0;
  }

  /** Resolves when the call may leave, or with why it does not. */
  async pass(turn: Turn, patience: Patience): Promise<Interruption | HeldBack | undefined> {
    for (;;) {
      const barrier = this.#find(turn);
      if (barrier === undefined) {
        for (const key of this.#barriers.keys()) this.#at(key);
        turn.round = undefined;
        return undefined;
      }
      if (patience.scope.interrupted !== undefined) return patience.scope.interrupted;
      const held = this.#holdsBack(barrier, patience);
      if (held !== undefined) return held;
      const end = await wait(barrier, turn, patience.scope);
      if (end === 'go') return undefined;
      if (end === 'in_vain') {
        return { kind: 'held_back', why: 'in_vain', waitMs: barrier.waitMs(this.clock.now()) };
      }
      if (end !== 'moved') return end;
    }
  }

  #holdsBack(barrier: Barrier, { policy, scope, isNew }: Patience): HeldBack | undefined {
    const waitMs = barrier.waitMs(this.clock.now());
    const closedMs = barrier.closedUntil - this.clock.now();
    if (closedMs > policy.maxDelayMs * LONGEST_HINT)
      return { kind: 'held_back', why: 'hint_too_long', waitMs };
    if (closedMs >= scope.remainingMs()) return { kind: 'held_back', why: 'deadline', waitMs };
    if (isNew && barrier.isFull) return { kind: 'held_back', why: 'full', waitMs };
    return undefined;
  }

  /** The service took the call, which left at `leftAt`, whatever else it says about it. */
  passed(turn: Turn, leftAt: number): void {
    this.#taken.add(leftAt);
    if (!this.isOpen) this.#find(turn)?.passed(turn, leftAt);
  }

  /** The call came to nothing from which to tell whether the service took it. */
  unknown(turn: Turn): void {
    if (!this.isOpen) this.#find(turn)?.unknown(turn);
  }

  /** The service refused the call, with an error that {@link asksToSlowDown}. Returns whether it is to wait at the gate. */
  refused(turn: Turn, leftAt: number, error: AgentChatClientError, policy: RetryPolicy): boolean {
    this.#refused.add(leftAt);
    let barrier = this.#find(turn);
    if (barrier === undefined) {
      if (!isTooQuick(this.#refused.perSecond(leftAt), this.#taken.perSecond(leftAt))) return false;
      barrier = this.#raise(turn, leftAt);
    }
    return barrier.refused(turn, {
      leftAt,
      retryAfterMs: error.retryAfterMs ?? 0,
      backoffMs: (failures) => backoffMs(policy, failures, this.clock.random()),
    });
  }

  /** The barrier on the way of a call. */
  #find({ kind, addressee }: Turn): Barrier | undefined {
    return this.#at(kind) ?? (addressee === undefined ? undefined : this.#at(keyOf(kind, addressee)));
  }

  /** A barrier that still stands. */
  #at(key: string): Barrier | undefined {
    const barrier = this.#barriers.get(key);
    if (barrier?.isOver(this.clock.now()) !== true) return barrier;
    this.#barriers.delete(key);
    return undefined;
  }

  /** Puts up a barrier for the addressee, or for the kind where it is the second one. */
  #raise({ kind, addressee }: Turn, leftAt: number): Barrier {
    const barrier = new Barrier(kind, this.clock, this.#taken.perSecond(leftAt), leftAt);
    let isForAll = addressee === undefined;
    for (const [key, other] of this.#barriers) {
      if (other.kind !== kind || this.#at(key) === undefined) continue;
      isForAll = true;
      this.#barriers.delete(key);
      barrier.replace(other);
    }
    this.#barriers.set(isForAll ? kind : keyOf(kind, addressee), barrier);
    return barrier;
  }
}

/** The jitter may make a wait this much longer than the hint that the policy allows. */
const LONGEST_HINT = 1.25;

/** Whether a refusal is about how fast this client calls. Whoever stands on the way and says so is believed: it only means to wait. */
export function asksToSlowDown(error: AgentChatClientError, { maxDelayMs }: RetryPolicy): boolean {
  return (
    error.status === 429 &&
    error.retryable &&
    // For one address, whoever asks.
    error.code !== 'OTP_COOLDOWN' &&
    // No pace but a quota, of a day perhaps, and of who knows what.
    (error.retryAfterMs ?? 0) <= maxDelayMs
  );
}

function keyOf(kind: string, addressee: string | undefined): string {
  return `${kind} ${addressee}`;
}

function wait(barrier: Barrier, turn: Turn, scope: CallScope): Promise<Interruption | WaitEnd> {
  return new Promise((resolve) => {
    const off = scope.onInterrupt((why) => {
      off();
      barrier.leave(turn);
      resolve(why);
    });
    turn.end = (how) => {
      off();
      resolve(how);
    };
    barrier.join(turn);
  });
}
