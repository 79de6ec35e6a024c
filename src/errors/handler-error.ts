import { AgentChatClientError } from './agent-chat-client-error.js';
import { errorOf, framesOf, textOf } from './cause.js';

/** What is known about a failing handler. */
export interface HandlerErrorInit {
  messageId: string;
  conversationId: string;
  /** 1 for the first call. */
  attempt: number;
  willRetry: boolean;
  /** What it threw. */
  cause: unknown;
}

/**
 * One of your handlers threw, rejected (`code` `HANDLER_FAILED`) or has been at work for very long (`HANDLER_SLOW`).
 * Delivery goes on in every case; this only tells you. What the handler threw is the `cause`, always an `Error`: the message
 * ends with what it says, and `stack` shows where it was thrown instead of where this package noticed.
 */
export class HandlerError extends AgentChatClientError {
  static override get kind(): string {
    return 'HandlerError';
  }

  declare readonly name: 'HandlerError';
  declare readonly cause: Error | undefined;
  readonly messageId: string;
  readonly conversationId: string;
  readonly attempt: number;
  readonly willRetry: boolean;

  constructor(init: HandlerErrorInit & { code?: string; message?: string }) {
    const { code = 'HANDLER_FAILED', message = whatFailed(init) } = init;
    const cause = code === 'HANDLER_FAILED' ? errorOf(init.cause) : undefined;
    super({
      code,
      message: cause === undefined ? message : `${message}: ${textOf(cause)}`,
      outcome: 'rejected',
      retryable: false,
      cause,
    });
    this.messageId = init.messageId;
    this.conversationId = init.conversationId;
    this.attempt = init.attempt;
    this.willRetry = init.willRetry;
    if (cause === undefined) return;
    const stack = `${this.name}: ${this.message}${framesOf(cause)}`;
    Object.defineProperty(this, 'stack', { value: stack, configurable: true, writable: true });
  }
}

function whatFailed({ messageId, attempt, willRetry }: HandlerErrorInit): string {
  const next = willRetry ? 'it will be called again' : 'it will not be called again now';
  return `A handler failed on message ${messageId} (attempt ${attempt}; ${next})`;
}
