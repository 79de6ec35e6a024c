export type { AnswerOptions, AnswerPredicate } from './answering/answer-policy.js';
export { Bot, createBot, type StopOptions } from './bot.js';
export type { Exceeded } from './budgets/budget-keeper.js';
export type { Budget, BudgetOptions, BudgetScope, Spendable } from './budgets/options.js';
export type { BotEventMap, BudgetEvent, GuardEvent, TurnEvent } from './events.js';
export { DEPTH_KEY } from './guard/depth.js';
export type { GuardReason } from './guard/guard.js';
export type { GuardOptions } from './guard/options.js';
export type { BotHealth } from './health/health.js';
export type { HasHealth } from './health/health-answer.js';
export {
  type HealthNodeRequest,
  type HealthNodeResponse,
  healthEndpoint,
  nodeHealthHandler,
} from './health/health-endpoint.js';
export type { BotOptions, BotRealtimeOptions, ReplyOptions } from './options.js';
export { splitText } from './replies/split.js';
export type { CommandHandler, Middleware, MiddlewareTurn, Thinker } from './routing/router.js';
export type { ModelStream, TextReader, TextStream, ThinkerResult, Thought } from './thinking/thinker.js';
export type { ReplyContent, ReplyParts, StepContext, Turn, TurnConversation } from './turns/turn.js';
export type { TurnOptions } from './turns/turn-options.js';
