import { AgentChatError } from './agent-chat-error.js';

/** What is known about a failing handler. */
export interface HandlerErrorInit {
  messageId: string;
  conversationId: string;
  /** 1 for the first call. */
  attempt: number;
  willRetry: boolean;
  cause: unknown;
}

/**
 * One of your handlers threw, rejected (`code` `HANDLER_FAILED`, what it threw is the `cause`) or has been at work for
 * very long (`HANDLER_SLOW`). Delivery goes on in every case; this only tells you.
 */
export class HandlerError extends AgentChatError {
  static override readonly kind: string = 'HandlerError';
  declare readonly name: 'HandlerError';
  readonly messageId: string;
  readonly conversationId: string;
  readonly attempt: number;
  readonly willRetry: boolean;

  constructor(init: HandlerErrorInit & { code?: string; message?: string }) {
    super({
      code: init.code ?? 'HANDLER_FAILED',
      message:
        init.message ??
        `A handler failed on message ${init.messageId} (attempt ${init.attempt}); ${
          init.willRetry ? 'it will be called again' : 'it will not be called again now'
        }. See the cause.`,
      outcome: 'rejected',
      retryable: false,
      cause: init.cause,
    });
    this.messageId = init.messageId;
    this.conversationId = init.conversationId;
    this.attempt = init.attempt;
    this.willRetry = init.willRetry;
  }

  static slow(messageId: string, conversationId: string, ms: number): HandlerError {
    return new HandlerError({
      code: 'HANDLER_SLOW',
      message: `A handler (or a loop over messages()) has been at work on message ${messageId} for ${Math.round(ms / 1000)} s. Its conversation waits for it.`,
      messageId,
      conversationId,
      attempt: 1,
      willRetry: false,
      cause: undefined,
    });
  }
}
