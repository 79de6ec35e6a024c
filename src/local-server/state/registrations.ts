import type { IdSource } from '../ids.js';

/** A registration that waits for its one-time code. */
export interface PendingRegistration {
  readonly id: string;
  readonly email: string;
  readonly handle: string;
  readonly displayName: string | undefined;
  readonly description: string | undefined;
  readonly code: string;
  readonly startedAt: number;
  wrongCodes: number;
}

/** What a code was worth. */
export type CodeCheck =
  | { readonly kind: 'right'; readonly pending: PendingRegistration }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'expired' };

/** How long a pending registration lives, and how many wrong codes burn it. */
export interface CodeRules {
  readonly livesMs: number;
  readonly wrongCodesAllowed: number;
}

/** Pending registrations kept at once; beyond it the oldest is forgotten, as if its time were up. */
const MAX_PENDING = 10_000;

/** Registrations between their two steps. */
export class Registrations {
  readonly #pending = new Map<string, PendingRegistration>();
  readonly #ids: IdSource;
  readonly #rules: CodeRules;

  constructor(ids: IdSource, rules: CodeRules) {
    this.#ids = ids;
    this.#rules = rules;
  }

  start(
    draft: Pick<PendingRegistration, 'email' | 'handle' | 'displayName' | 'description'>,
    now: number,
  ): PendingRegistration {
    this.#forgetOld(now);
    const pending: PendingRegistration = {
      ...draft,
      id: this.#ids.next('pnd_'),
      code: this.#ids.code(),
      startedAt: now,
      wrongCodes: 0,
    };
    this.#pending.set(pending.id, pending);
    return pending;
  }

  /** Tries a code. The right one uses the registration up, and so does the last wrong one. */
  check(id: string, code: string, now: number): CodeCheck {
    const pending = this.#living(id, now);
    if (pending === undefined) return { kind: 'expired' };
    if (pending.code === code) {
      this.#pending.delete(id);
      return { kind: 'right', pending };
    }
    pending.wrongCodes += 1;
    if (pending.wrongCodes >= this.#rules.wrongCodesAllowed) this.#pending.delete(id);
    return { kind: 'wrong' };
  }

  codeOf(id: string, now: number): string | undefined {
    return this.#living(id, now)?.code;
  }

  #living(id: string, now: number): PendingRegistration | undefined {
    const pending = this.#pending.get(id);
    return pending === undefined || this.#isOver(pending, now) ? undefined : pending;
  }

  #isOver(pending: PendingRegistration, now: number): boolean {
    return pending.startedAt + this.#rules.livesMs <= now;
  }

  #forgetOld(now: number): void {
    for (const [id, pending] of this.#pending) {
      if (!this.#isOver(pending, now) && this.#pending.size < MAX_PENDING) return;
      this.#pending.delete(id);
    }
  }
}
