import type { Clock } from '../../clock/index.js';
import type { Json, ValueStore } from '../../stores/index.js';
import { normalizeHandle } from '../../wire/index.js';
import { keyPart, SharedValues } from '../util/shared-values.js';
import {
  type Budget,
  type BudgetOptions,
  type BudgetRules,
  type BudgetScope,
  budgetRulesOf,
  SPENDABLES,
  type Spendable,
} from './options.js';
import { freeInMs, type Spending, spent, usageOf, usedOf } from './usage.js';

/** Who is to pay. */
export interface Payer {
  readonly conversationId: string;
  /** The handle of whoever wrote. */
  readonly peer: string;
}

/** A limit that is reached. */
export interface Exceeded {
  readonly scope: BudgetScope;
  readonly what: Spendable;
  readonly limit: number;
  readonly used: number;
  /** When there is budget again, in milliseconds from now, if nothing more is used. */
  readonly freeInMs: number;
}

export type BudgetVerdict =
  | { readonly allow: true }
  | {
      readonly allow: false;
      readonly exceeded: Exceeded;
      /** What to do: `skip` also when the text of `say` was said in this conversation a short time ago. */
      readonly action: 'skip' | 'park' | { readonly say: string };
    };

/** The budgets with what was used of them in a store, so that it outlives restarts, and replicas share it. */
export class BudgetKeeper {
  private readonly rules: BudgetRules;
  private readonly counters: SharedValues;

  /** @throws ValidationError that names the option that is wrong. */
  constructor(
    private readonly values: ValueStore,
    private readonly clock: Pick<Clock, 'wallNow'>,
    options: BudgetOptions = {},
  ) {
    this.rules = budgetRulesOf(options);
    this.counters = new SharedValues(values);
  }

  /**
   * Whether a turn may start.
   *
   * @throws StoreError when the store fails.
   */
  async check(payer: Payer): Promise<BudgetVerdict> {
    const found = await Promise.all(
      this.rules.budgets.map(([scope, budget]) => this.look(scope, budget, payer)),
    );
    const exceeded = found.find((limit) => limit !== null);
    if (exceeded === undefined || exceeded === null) return { allow: true };
    return { allow: false, exceeded, action: await this.actionOn(exceeded, payer) };
  }

  /**
   * Counts what was used: a turn when it has started, a reply when it was sent, tokens when a thinker reports them.
   *
   * @throws StoreError when the store fails.
   */
  async spend(payer: Payer, spending: Spending): Promise<void> {
    await Promise.all(
      this.rules.budgets.map(([scope, budget]) => this.count(scope, budget, payer, spending)),
    );
  }

  private async look(scope: BudgetScope, budget: Budget, payer: Payer): Promise<Exceeded | null> {
    const stored = await this.values.get(keyOf(scope, payer));
    const now = this.clock.wallNow();
    const usage = usageOf(stored?.value ?? null, budget.windowMs, now);
    for (const what of SPENDABLES) {
      const limit = budget[what];
      const used = usedOf(usage, what);
      if (limit === undefined || used < limit) continue;
      return { scope, what, limit, used, freeInMs: freeInMs(usage, what, limit, now) };
    }
    return null;
  }

  private async count(scope: BudgetScope, budget: Budget, payer: Payer, spending: Spending): Promise<void> {
    const { windowMs } = budget;
    // What has no limit here is not worth a write.
    if (!SPENDABLES.some((what) => budget[what] !== undefined && (spending[what] ?? 0) > 0)) return;
    const now = this.clock.wallNow();
    await this.counters.change(keyOf(scope, payer), (value) => {
      const usage = spent(usageOf(value, windowMs, now), spending);
      return {
        result: undefined,
        write: { value: usage as unknown as Json, expiresInMs: 2 * windowMs },
      };
    });
  }

  private async actionOn({ freeInMs }: Exceeded, { conversationId }: Payer) {
    const { onExceeded } = this.rules;
    if (typeof onExceeded === 'string') return onExceeded;
    // To say it again and again would be a loop of its own.
    const said = { ifVersion: null, expiresInMs: Math.max(1_000, Math.ceil(freeInMs)) };
    const isFirst = (await this.values.set(`budget/said/${keyPart(conversationId)}`, true, said)) !== null;
    return isFirst ? onExceeded : 'skip';
  }
}

function keyOf(scope: BudgetScope, { conversationId, peer }: Payer): string {
  switch (scope) {
    case 'perConversation':
      return `budget/conversation/${keyPart(conversationId)}`;
    case 'perPeer':
      return `budget/peer/${keyPart(normalizeHandle(peer))}`;
    case 'total':
      return 'budget/total';
  }
}
