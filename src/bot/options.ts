import type { Clock } from '../clock/index.js';
import { checkFunction, checkInteger, checkOptionNames, invalid } from '../http/index.js';
import type { RealtimeOptions } from '../realtime/index.js';
import type { AgentChatClient } from '../rest/index.js';
import type { BotStore, Json, ReplicaCoordinator, ReplicaOptions, SharedBotStore } from '../stores/index.js';
import { type AnswerOptions, type AnswerPolicy, answerPolicyOf } from './answering/answer-policy.js';
import { type BudgetOptions, budgetRulesOf } from './budgets/options.js';
import { type GuardOptions, guardRulesOf } from './guard/options.js';
import type { Thinker } from './routing/router.js';
import { type TurnOptions, type TurnRules, turnRulesOf } from './turns/turn-options.js';

/** How answers are sent. */
export interface ReplyOptions {
  /** The most messages that one answer may take, of 32 kB each. A longer answer fails its turn. Default 20, at most 1,000. */
  maxMessages?: number | undefined;
}

/** Options of {@link createBot}. */
export interface BotOptions<Session = Json> {
  /** What thinks for the bot. Default: nothing; then commands and patterns answer. */
  think?: Thinker<Session> | undefined;
  /** Which messages are answered. Default: all in a conversation of two, and mentions in groups. */
  answer?: AnswerOptions | undefined;
  /** How turns are cut and run. */
  turns?: TurnOptions | undefined;
  /** How answers are sent. */
  replies?: ReplyOptions | undefined;
  /** What keeps the bot from talking with another bot for ever. Default: on. `false` turns it off. */
  guard?: GuardOptions | false | undefined;
  /** How much the bot may do. Default: no limits. */
  budgets?: BudgetOptions | undefined;
  /** What a conversation begins with as `turn.session`. Default: an empty object. */
  session?: (() => Session) | undefined;
  /**
   * What the bot remembers across restarts: `await lmdbStore({ path })`, `await postgresStore(...)`, `await redisStore(...)`. The bot does not close it.
   * Default: memory, which ends with the process.
   */
  store?: BotStore | undefined;
  /**
   * Shares the conversations with other processes of this bot: `true`, or options of `store.replicas()`. Needs a store that several
   * processes may use. Default: this process has all conversations.
   */
  replicas?: boolean | ReplicaOptions | ReplicaCoordinator | undefined;
  /** A client of yours. Default: one is made of `apiKey` and `baseUrl`. */
  client?: AgentChatClient | undefined;
  /** Default: the environment variable `AGENTCHAT_API_KEY`, else the credentials file. */
  apiKey?: string | undefined;
  /** Default: the environment variable `AGENTCHAT_BASE_URL`, else what the credentials file says, else the service itself. */
  baseUrl?: string | undefined;
  /** Options of the `RealtimeClient` that the kit has no opinion of. */
  realtime?: BotRealtimeOptions | undefined;
  /** Told what a person who starts the bot should know, line by line. Default: `console.error`. */
  log?: ((line: string) => void) | undefined;
  /** Replaces time and chance. For tests. */
  clock?: Clock | undefined;
}

/** Those options of `RealtimeClient` that are the bot's own are left out. */
export type BotRealtimeOptions = Omit<
  RealtimeOptions,
  | 'client'
  | 'apiKey'
  | 'baseUrl'
  | 'store'
  | 'replicas'
  | 'dedupe'
  | 'handlerRetry'
  | 'onDeadLetter'
  | 'onHandlerFailure'
  | 'deliverOwn'
  | 'clock'
>;

/** What stays of the options when they are checked. */
export interface BotRules {
  readonly answer: AnswerPolicy;
  readonly turns: TurnRules;
  readonly maxMessages: number;
}

const NAMES: { readonly [Name in keyof BotOptions]-?: true } = {
  think: true,
  answer: true,
  turns: true,
  replies: true,
  guard: true,
  budgets: true,
  session: true,
  store: true,
  replicas: true,
  client: true,
  apiKey: true,
  baseUrl: true,
  realtime: true,
  log: true,
  clock: true,
};
const KEPT_BY_THE_BOT = [
  'client',
  'apiKey',
  'baseUrl',
  'store',
  'replicas',
  'dedupe',
  'handlerRetry',
  'onDeadLetter',
  'onHandlerFailure',
  'deliverOwn',
  'clock',
];

/** @throws ValidationError that names the option that is wrong. */
export function botRulesOf<Session>(options: BotOptions<Session>): BotRules {
  checkOptionNames(options, Object.keys(NAMES), 'createBot() option');
  checkFunction(options.think, 'think');
  checkFunction(options.session, 'session');
  checkFunction(options.log, 'log');
  checkStore(options.store);
  checkReplicas(options);
  checkRealtime(options.realtime);
  if (options.guard !== undefined && options.guard !== false) guardRulesOf(options.guard);
  if (options.budgets !== undefined) budgetRulesOf(options.budgets);
  checkOptionNames(options.replies ?? {}, ['maxMessages'], 'replies option');
  const { maxMessages = 20 } = options.replies ?? {};
  checkInteger(maxMessages, 'replies.maxMessages', 1, 1_000);
  return { answer: answerPolicyOf(options.answer), turns: turnRulesOf(options.turns), maxMessages };
}

/** Those that take time to open are promised, and easily not awaited. */
function checkStore(store: unknown): void {
  if (store === undefined) return;
  const { then, cursors, steps, values } = (store ?? {}) as Record<string, unknown>;
  if (typeof then === 'function') {
    throw invalid('store', '"store" must be a store, and is a promise. Write: await lmdbStore(...)');
  }
  if (cursors === undefined || steps === undefined || values === undefined) {
    throw invalid(
      'store',
      '"store" must be a whole store, such as memoryStore() or await lmdbStore({ path })',
    );
  }
}

function checkReplicas({ replicas, store }: Pick<BotOptions, 'replicas' | 'store'>): void {
  if (replicas === undefined || replicas === false || isCoordinator(replicas)) return;
  if (typeof (store as Partial<SharedBotStore> | undefined)?.replicas === 'function') return;
  throw invalid(
    'replicas',
    '"replicas" needs a store that several processes may use: pass `store: await postgresStore(...)` or `await redisStore(...)`',
  );
}

export function isCoordinator(replicas: unknown): replicas is ReplicaCoordinator {
  return typeof (replicas as Partial<ReplicaCoordinator> | undefined)?.owns === 'function';
}

function checkRealtime(realtime: BotRealtimeOptions | undefined): void {
  for (const name of KEPT_BY_THE_BOT) {
    if (realtime === undefined || !(name in realtime)) continue;
    throw invalid(
      `realtime.${name}`,
      `"realtime.${name}" is the bot's own. ${INSTEAD[name] ?? 'Leave it out.'}`,
    );
  }
}

const INSTEAD: Record<string, string> = {
  client: 'Pass `client` to createBot().',
  apiKey: 'Pass `apiKey` to createBot().',
  baseUrl: 'Pass `baseUrl` to createBot().',
  store: 'Pass `store` to createBot().',
  replicas: 'Pass `replicas` to createBot().',
  handlerRetry: 'Pass `turns: { retries }` to createBot().',
  onDeadLetter: 'Pass `turns: { apology }` to createBot(), or listen to bot.on("turn").',
  clock: 'Pass `clock` to createBot().',
};
