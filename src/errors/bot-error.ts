import {
  AgentChatClientError,
  type AgentChatClientErrorInit,
  type ClassDefaults,
} from './agent-chat-client-error.js';

/**
 * What a bot can be told that it did wrong, or what its bot kit could not do.
 * - `BAD_ANSWER`: the thinker gave something that is no answer. Mend the thinker: the message says how.
 * - `ANSWER_TOO_LONG`: the answer has more bytes than the bot takes. The same thinker may say less the next time.
 * - `TURN_TIMEOUT`: the turn took longer than `turns.timeoutMs`. It is tried again.
 * - `TURN_INTERRUPTED`: more messages came, and the turn begins anew with them (`turns.onMore: 'interrupt'`).
 * - `TURN_ENDED`: something was to be sent in the name of a turn that is over. Await what is sent within the turn.
 * - `BUDGET_EXCEEDED`: there is no budget for the turn at present. It comes again later.
 */
export type BotErrorCode =
  | 'BAD_ANSWER'
  | 'ANSWER_TOO_LONG'
  | 'TURN_TIMEOUT'
  | 'TURN_INTERRUPTED'
  | 'TURN_ENDED'
  | 'BUDGET_EXCEEDED';

/** The codes of what may be different the next time. */
const PASSING: readonly BotErrorCode[] = ['ANSWER_TOO_LONG', 'TURN_TIMEOUT', 'TURN_INTERRUPTED'];

export interface BotErrorInit extends Omit<AgentChatClientErrorInit, 'code'> {
  code: BotErrorCode;
}

/**
 * A turn of a bot could not go on, and nobody but the bot is to blame: the service was not asked. `code` says what happened; the
 * message says what to do.
 *
 * @example
 * bot.on('error', (error) => {
 *   if (error instanceof BotError && error.code === 'BAD_ANSWER') process.exitCode = 1;
 * });
 */
export class BotError extends AgentChatClientError {
  static override get kind(): string {
    return 'BotError';
  }

  protected static override get defaults(): ClassDefaults {
    return { code: 'BAD_ANSWER', retryable: false };
  }

  declare readonly name: 'BotError';
  declare readonly code: BotErrorCode;

  constructor(init: BotErrorInit) {
    super({ retryable: PASSING.includes(init.code), outcome: 'not_sent', ...init });
  }
}
