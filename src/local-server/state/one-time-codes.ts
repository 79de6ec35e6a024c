import type { IdSource } from '../ids.js';
import type { Ledger } from './ledger.js';
import type { AgentRecord } from './records.js';

/** What somebody proves with a code that was mailed. */
export type CodePurpose =
  | {
      readonly kind: 'registration';
      readonly email: string;
      readonly handle: string;
      readonly displayName: string | undefined;
      readonly description: string | undefined;
    }
  /** Without an agent the recovery is a decoy: whoever tries addresses out learns nothing. */
  | { readonly kind: 'recovery'; readonly agents: readonly AgentRecord[] }
  | { readonly kind: 'rotation'; readonly agent: AgentRecord };

/** Something that waits for its code. */
export interface PendingCode<Purpose extends CodePurpose = CodePurpose> {
  readonly id: string;
  readonly purpose: Purpose;
  readonly code: string;
  readonly startedAt: number;
  wrongCodes: number;
}

type PurposeOf<Kind extends CodePurpose['kind']> = Extract<CodePurpose, { readonly kind: Kind }>;

/** What a code was worth. */
export type CodeCheck<Purpose extends CodePurpose> =
  | { readonly kind: 'right'; readonly purpose: Purpose }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'expired' };

/** How long a code lives, and how many wrong ones burn it. */
export interface CodeRules {
  readonly livesMs: number;
  readonly wrongCodesAllowed: number;
}

/** What waits at once; beyond it the oldest is forgotten, as if its time were up. */
const MAX_PENDING = 10_000;

/** Registrations, recoveries and rotations between their two steps. */
export class OneTimeCodes {
  readonly #pending = new Map<string, PendingCode>();
  readonly #ids: IdSource;
  readonly #rules: CodeRules;

  readonly #ledger: Ledger<PendingCode>;

  constructor(ids: IdSource, rules: CodeRules, ledger: Ledger<PendingCode>) {
    this.#ids = ids;
    this.#rules = rules;
    this.#ledger = ledger;
  }

  issue(purpose: CodePurpose, now: number): PendingCode {
    this.#forgetOld(now);
    const pending: PendingCode = {
      id: this.#ids.next('pnd_'),
      purpose,
      code: this.#ids.code(),
      startedAt: now,
      wrongCodes: 0,
    };
    this.restore(pending);
    this.#ledger.put(pending);
    return pending;
  }

  /** Takes up what has waited before. */
  restore(pending: PendingCode): void {
    this.#pending.set(pending.id, pending);
  }

  all(): IterableIterator<PendingCode> {
    return this.#pending.values();
  }

  /** Tries a code, for one purpose only. The right one uses it up, and so does the last wrong one. */
  check<Kind extends CodePurpose['kind']>(
    kind: Kind,
    id: string,
    code: string,
    now: number,
  ): CodeCheck<PurposeOf<Kind>> {
    const pending = this.#living(id, now);
    if (pending === undefined || !isFor(pending, kind)) return { kind: 'expired' };
    if (pending.code === code && !isDecoy(pending)) {
      this.#forget(pending);
      return { kind: 'right', purpose: pending.purpose };
    }
    pending.wrongCodes += 1;
    if (pending.wrongCodes >= this.#rules.wrongCodesAllowed) this.#forget(pending);
    else this.#ledger.put(pending);
    return { kind: 'wrong' };
  }

  /** The code that was mailed; of a decoy none was. */
  codeOf(id: string, now: number): string | undefined {
    const pending = this.#living(id, now);
    return pending === undefined || isDecoy(pending) ? undefined : pending.code;
  }

  #living(id: string, now: number): PendingCode | undefined {
    const pending = this.#pending.get(id);
    return pending === undefined || this.#isOver(pending, now) ? undefined : pending;
  }

  #isOver(pending: PendingCode, now: number): boolean {
    return pending.startedAt + this.#rules.livesMs <= now;
  }

  #forgetOld(now: number): void {
    for (const pending of this.#pending.values()) {
      if (!this.#isOver(pending, now) && this.#pending.size < MAX_PENDING) return;
      this.#forget(pending);
    }
  }

  #forget(pending: PendingCode): void {
    this.#pending.delete(pending.id);
    this.#ledger.remove(pending);
  }
}

function isFor<Kind extends CodePurpose['kind']>(
  pending: PendingCode,
  kind: Kind,
): pending is PendingCode<PurposeOf<Kind>> {
  return pending.purpose.kind === kind;
}

function isDecoy({ purpose }: PendingCode): boolean {
  return purpose.kind === 'recovery' && purpose.agents.length === 0;
}
