import { checkDuration, checkInteger, checkOptionNames, given, invalid } from '../../http/index.js';

/** How turns are cut and run. All times are in milliseconds. */
export interface TurnOptions {
  /** The most messages of one turn. Default 30, at most 256. */
  maxMessages?: number | undefined;
  /** A turn begins when its conversation has been quiet for so long. Default 100. */
  settleMs?: number | undefined;
  /** It waits no longer than this for quiet. Default 2,000. */
  maxWaitMs?: number | undefined;
  /**
   * What happens when more messages come while a turn runs. `queue`: they wait for the next. `interrupt`: the turn's signal aborts,
   * and it begins anew with all of them, unless it has sent something already. Its steps are not repeated. Default `queue`.
   */
  onMore?: 'queue' | 'interrupt' | undefined;
  /** A turn that takes longer has failed. Default 600,000 (ten minutes). */
  timeoutMs?: number | undefined;
  /** How often a turn that failed is tried again at once, after pauses of half a second, one second, two, ... Default 3. */
  retries?: number | undefined;
  /**
   * What is said when a turn has failed for the last time, once: then its messages count as handled. Default: nothing is said, and its
   * messages are put aside and come again after a minute, two, four, up to an hour, while the conversation goes on.
   */
  apology?: string | undefined;
  /** Whether it is shown that the bot is typing, from 200 ms after a turn has begun. Default true. */
  typing?: boolean | undefined;
}

export type TurnRules = Omit<
  { readonly [Name in keyof TurnOptions]-?: NonNullable<TurnOptions[Name]> },
  'apology'
> & { readonly apology: string | undefined };

const DEFAULTS = {
  maxMessages: 30,
  settleMs: 100,
  maxWaitMs: 2_000,
  onMore: 'queue',
  timeoutMs: 600_000,
  retries: 3,
  typing: true,
} as const;

/** @throws ValidationError that names the option. */
export function turnRulesOf(options: TurnOptions = {}): TurnRules {
  checkOptionNames(options, [...Object.keys(DEFAULTS), 'apology'], 'turns option');
  const rules = { ...DEFAULTS, apology: undefined, ...definedOf(given(options)) } as TurnRules;
  checkInteger(rules.maxMessages, 'turns.maxMessages', 1, 256);
  checkDuration(rules.settleMs, 'turns.settleMs');
  checkDuration(rules.maxWaitMs, 'turns.maxWaitMs');
  checkInteger(rules.timeoutMs, 'turns.timeoutMs', 1, 2 ** 31 - 1);
  checkInteger(rules.retries, 'turns.retries', 0, 1_000);
  if (rules.onMore !== 'queue' && rules.onMore !== 'interrupt') {
    throw invalid('turns.onMore', '"turns.onMore" must be "queue" or "interrupt"');
  }
  if (typeof rules.typing !== 'boolean')
    throw invalid('turns.typing', '"turns.typing" must be true or false');
  if (rules.apology !== undefined && (typeof rules.apology !== 'string' || rules.apology.trim() === '')) {
    throw invalid('turns.apology', '"turns.apology" must be a text');
  }
  return rules;
}

function definedOf(options: TurnOptions): Partial<TurnOptions> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null),
  );
}
