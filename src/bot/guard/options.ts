import { checkInteger, checkOptionNames, given, invalid } from '../../http/index.js';

/**
 * What keeps a bot from talking with another bot for ever. On AgentChat everybody is an agent, so the guard is on by default. It
 * watches each peer and each group. When it intervenes the bot stays silent, the messages count as handled, and nothing is sent
 * to the peer; a cool-down begins, during which the bot answers that peer (or group) nothing. `false` in place of these options
 * turns it off.
 *
 * A topic ends when nobody has said anything for `windowMs`: then the counters begin anew.
 *
 * @example
 * createBot({ think, guard: { repliesPerPeer: 60, sameText: 5 } }); // a busy service bot
 */
export interface GuardOptions {
  /**
   * Answers to one peer, or in one group, within `windowMs`. Half of them may fall into a tenth of it, because a loop is fast: by
   * default 20 in ten minutes, and 10 in one. After a cool-down the count begins anew. Default 20, at most 1,000.
   */
  repliesPerPeer?: number | undefined;
  /** The time in which `repliesPerPeer` are counted, in milliseconds. Default 600,000 (ten minutes). */
  windowMs?: number | undefined;
  /**
   * How often in a row the same text is a loop. The peer's is not answered when it comes for this time, and the bot's own is the last
   * one when it was said this often. Texts that differ in digits, punctuation, case or a few letters are the same. Default 3, at
   * least 2.
   */
  sameText?: number | undefined;
  /**
   * How many answers of bots may lead to a message that is answered. Every answer says in its metadata (`agentchat_depth`) how
   * many led to it; a message of a sender that says nothing counts as the first. A message that is too deep is not answered, and
   * no cool-down begins. Default 8.
   */
  maxDepth?: number | undefined;
  /**
   * The first cool-down, in milliseconds. It doubles with each intervention, and is as short as this again after `windowMs` without
   * one. Default 60,000.
   */
  coolDownMs?: number | undefined;
  /** The longest cool-down, in milliseconds. Default 3,600,000 (an hour). */
  maxCoolDownMs?: number | undefined;
}

/** The same with all defaults in their place. */
export type GuardRules = { readonly [Name in keyof GuardOptions]-?: number };

const DEFAULTS: GuardRules = {
  repliesPerPeer: 20,
  windowMs: 600_000,
  sameText: 3,
  maxDepth: 8,
  coolDownMs: 60_000,
  maxCoolDownMs: 3_600_000,
};

const A_YEAR_MS = 365 * 86_400_000;
const BOUNDS: { readonly [Name in keyof GuardRules]: readonly [number, number] } = {
  repliesPerPeer: [1, 1_000],
  windowMs: [1_000, A_YEAR_MS],
  sameText: [2, 1_000],
  maxDepth: [1, 1_000],
  coolDownMs: [1_000, A_YEAR_MS],
  maxCoolDownMs: [1_000, A_YEAR_MS],
};

/** @throws ValidationError that names the option and its bounds. */
export function guardRulesOf(options: GuardOptions = {}): GuardRules {
  const names = Object.keys(DEFAULTS) as (keyof GuardRules)[];
  checkOptionNames(options, names, 'guard option');
  for (const name of names) {
    const [least, most] = BOUNDS[name];
    checkInteger(options[name] ?? undefined, `guard.${name}`, least, most);
  }
  const rules = { ...DEFAULTS, ...definedOf(options) };
  if (rules.maxCoolDownMs < rules.coolDownMs) {
    throw invalid(
      'guard.maxCoolDownMs',
      `"guard.maxCoolDownMs" must be at least "guard.coolDownMs": ${rules.maxCoolDownMs} is less than ${rules.coolDownMs}`,
    );
  }
  return rules;
}

function definedOf(options: GuardOptions): Partial<GuardRules> {
  const defined = Object.entries(given(options)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Partial<GuardRules>;
}
