import { checkInteger, checkOptionNames, given, invalid, isGiven } from '../../http/index.js';

/** How much may be used within a time. What is left out has no limit. */
export interface Budget {
  /** Turns that were begun. */
  turns?: number | undefined;
  /** Answers that were sent. One that was sent in several parts is one. */
  replies?: number | undefined;
  /** Tokens of a model. Only those count that the thinker reports. */
  tokens?: number | undefined;
  /** The time, in milliseconds: at least 1,000. It slides; what was used counts for up to a tenth longer. */
  windowMs: number;
}

/**
 * What a bot may spend. Looked at before a turn starts: a turn that has started is not cut short, so several that run at once may
 * go beyond a limit together by what they use.
 *
 * @example
 * createBot({
 *   think,
 *   budgets: {
 *     perPeer: { turns: 100, windowMs: 86_400_000 },
 *     total: { tokens: 2_000_000, windowMs: 86_400_000 },
 *     onExceeded: { say: 'That is all for today.' },
 *   },
 * });
 */
export interface BudgetOptions {
  /** For each conversation. Default: no limit. */
  perConversation?: Budget | undefined;
  /** For each agent that writes to the bot. Default: no limit. */
  perPeer?: Budget | undefined;
  /** For all together. Default: no limit. */
  total?: Budget | undefined;
  /**
   * What becomes of messages that there is no budget for. `skip`: they count as handled, and are not answered. `park`: they are put
   * aside and come again later. `{ say }`: this is answered, once per conversation until there is budget again, and they count as
   * handled. Default `skip`.
   */
  onExceeded?: 'skip' | 'park' | { readonly say: string } | undefined;
}

/** Whose budget it is. */
export type BudgetScope = 'perConversation' | 'perPeer' | 'total';
/** What is counted. */
export type Spendable = 'turns' | 'replies' | 'tokens';

export const SCOPES: readonly BudgetScope[] = ['perConversation', 'perPeer', 'total'];
export const SPENDABLES: readonly Spendable[] = ['turns', 'replies', 'tokens'];

/** What stays of the options when they are checked. */
export interface BudgetRules {
  readonly budgets: readonly (readonly [BudgetScope, Budget])[];
  readonly onExceeded: 'skip' | 'park' | { readonly say: string };
}

/** @throws ValidationError that names the option that is wrong. */
export function budgetRulesOf(options: BudgetOptions = {}): BudgetRules {
  checkOptionNames(options, [...SCOPES, 'onExceeded'], 'budget option');
  const { onExceeded = 'skip', ...scopes } = given(options);
  checkOnExceeded(onExceeded);
  const budgets: [BudgetScope, Budget][] = [];
  for (const scope of SCOPES) {
    const budget = scopes[scope];
    if (!isGiven(budget)) continue;
    checkBudget(budget, `budgets.${scope}`);
    budgets.push([scope, { ...given(budget) }]);
  }
  return { budgets, onExceeded };
}

const A_YEAR_MS = 365 * 86_400_000;

function checkBudget(budget: Budget, name: string): void {
  checkOptionNames(budget, [...SPENDABLES, 'windowMs'], `${name} option`);
  if (!isGiven(budget.windowMs)) {
    throw invalid(
      `${name}.windowMs`,
      `"${name}.windowMs" is missing: say for how many milliseconds the budget is`,
    );
  }
  checkInteger(budget.windowMs, `${name}.windowMs`, 1_000, A_YEAR_MS);
  for (const what of SPENDABLES) {
    checkInteger(budget[what] ?? undefined, `${name}.${what}`, 0, Number.MAX_SAFE_INTEGER);
  }
  if (!SPENDABLES.some((what) => isGiven(budget[what]))) {
    throw invalid(name, `"${name}" limits nothing: give it "turns", "replies" or "tokens"`);
  }
}

function checkOnExceeded(value: unknown): void {
  if (value === 'skip' || value === 'park') return;
  const { say } = (value ?? {}) as { readonly say?: unknown };
  if (typeof say === 'string' && say.trim() !== '') return;
  throw invalid('budgets.onExceeded', '"budgets.onExceeded" must be "skip", "park" or { say: "some text" }');
}
