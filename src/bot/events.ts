import type { AgentChatClientError } from '../errors/index.js';
import type { Message } from '../wire/index.js';
import type { Exceeded } from './budgets/budget-keeper.js';
import type { GuardReason } from './guard/guard.js';

/** The guard has kept the bot from answering. The messages count as handled. */
export interface GuardEvent {
  readonly conversationId: string;
  /** The handle of who wrote last. */
  readonly peer: string;
  readonly reason: GuardReason;
  /** How long the bot stays silent towards them from now on, in milliseconds; null when it does not. */
  readonly coolDownMs: number | null;
  readonly messages: readonly Message[];
}

/** There was no budget for a turn. */
export interface BudgetEvent {
  readonly conversationId: string;
  readonly peer: string;
  readonly exceeded: Exceeded;
  /** What became of the messages. */
  readonly action: 'skip' | 'park' | 'say';
  readonly messages: readonly Message[];
}

/** A turn has ended. */
export interface TurnEvent {
  readonly conversationId: string;
  /** The key of the turn. */
  readonly key: string;
  readonly messages: readonly Message[];
  readonly attempt: number;
  /** How long it ran, in milliseconds. */
  readonly tookMs: number;
  /**
   * - `answered`: something was sent.
   * - `silent`: nothing was to be sent.
   * - `interrupted`: more messages came, and it begins anew with them.
   * - `undeliverable`: the service takes no answer for this conversation; the messages count as handled.
   * - `apologised`: it kept failing; the apology was sent, and the messages count as handled.
   * - `failed`: it failed, and is tried again at once or later.
   * - `called off`: the bot stops, or the conversation went to another replica. It runs again there, or after the restart, under the
   *   same key.
   */
  readonly outcome:
    | 'answered'
    | 'silent'
    | 'interrupted'
    | 'undeliverable'
    | 'apologised'
    | 'failed'
    | 'called off';
  /** Why, where it did not succeed. */
  readonly error: unknown;
}

/** The bot's own events, by name. None has a dot, as those of the service have. */
export interface BotEventMap {
  guard: GuardEvent;
  budget: BudgetEvent;
  turn: TurnEvent;
  /** Everything that goes wrong and does not reach you otherwise. Without a listener, it goes to `console.error`. */
  error: AgentChatClientError;
}

export const BOT_EVENTS: readonly (keyof BotEventMap)[] = ['guard', 'budget', 'turn', 'error'];
