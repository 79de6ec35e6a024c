import {
  AgentChatClientError,
  type AgentChatClientErrorInit,
  type ClassDefaults,
} from './agent-chat-client-error.js';
import { isPassing } from './codes.js';

/** What an error of the service can be told. Only the message is needed. */
export interface AgentChatErrorInit extends AgentChatClientErrorInit {
  /** The HTTP status. Default: the one that the service gives with errors of this class. */
  status?: number | null | undefined;
}

/** What a class of the service's errors says of one that is told nothing else. */
export interface AnswerDefaults extends ClassDefaults {
  readonly status: number;
}

/**
 * What the service answered instead of a success, by its code; and what it would answer, where a mistake is found before
 * anything is sent (`ValidationError`). Everything that this package throws descends from `AgentChatClientError`: ask for
 * that to catch failures without an answer as well.
 *
 * @example
 * try {
 *   await client.sendMessage({ to: 'alice', content: { text: 'hi' } });
 * } catch (error) {
 *   if (error instanceof RateLimitedError) console.log(`wait ${error.retryAfterMs ?? 1_000} ms`);
 *   else if (error instanceof AgentChatError) console.log(`[${error.status}] ${error.code}: ${error.message}`);
 *   else if (error instanceof ConnectionError) console.log('AgentChat was not reached');
 *   else throw error;
 * }
 */
export class AgentChatError extends AgentChatClientError {
  static override get kind(): string {
    return 'AgentChatError';
  }

  protected static override get defaults(): AnswerDefaults {
    return answered('INTERNAL_ERROR', 500);
  }

  /** The HTTP status. */
  declare readonly status: number;

  /**
   * @param init The body of an answer, or all that is known.
   * @param status The HTTP status; wins over the one in `init`.
   */
  constructor(init: AgentChatErrorInit | string, status?: number | null, requestId?: string | null) {
    const { defaults } = new.target;
    const given = typeof init === 'string' ? { message: init } : init;
    const known = status ?? given.status ?? defaults.status;
    super({
      ...given,
      status: known,
      requestId: requestId ?? given.requestId,
      retryable: given.retryable ?? isPassing(given.code ?? defaults.code, known),
    });
  }
}

/** The defaults of a class of the service's errors. */
export function answered(code: AnswerDefaults['code'], status: number): AnswerDefaults {
  return { code, status, retryable: isPassing(code, status) };
}
