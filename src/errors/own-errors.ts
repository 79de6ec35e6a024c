import { AgentChatError, type AgentChatErrorInit, type Outcome } from './agent-chat-error.js';
import type { AgentChatErrorCode } from './codes.js';

/**
 * The service could not be reached, or the connection broke before the answer was complete. `outcome` says whether the
 * request may have arrived.
 */
export class ConnectionError extends AgentChatError {
  static override readonly kind: string = 'ConnectionError';
  declare readonly name: 'ConnectionError' | 'TimeoutError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'CONNECTION_ERROR';
  protected static override readonly defaultRetryable: boolean = true;
}

/** The service did not answer in time. A kind of {@link ConnectionError}. */
export class TimeoutError extends ConnectionError {
  static override readonly kind: string = 'TimeoutError';
  declare readonly name: 'TimeoutError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'TIMEOUT';
}

/** You called it off, through an `AbortSignal` or by stopping the client. `cause` is the signal's reason. */
export class AbortedError extends AgentChatError {
  static override readonly kind: string = 'AbortedError';
  declare readonly name: 'AbortedError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'ABORTED';
}

/**
 * The other side sent something that the protocol does not know: a success that cannot be parsed, a frame that is no
 * frame. Check the base URL and what stands between you and the service.
 */
export class ProtocolError extends AgentChatError {
  static override readonly kind: string = 'ProtocolError';
  declare readonly name: 'ProtocolError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'PROTOCOL_ERROR';
}

export interface ValidationErrorInit extends AgentChatErrorInit {
  /** What is wrong, by its name in the call: `content`, `to`, `options.timeoutMs`. */
  field?: string | undefined;
}

/**
 * What you passed cannot work: found here before anything was sent (`outcome` is `not_sent`), or by the service (`status`
 * is set). `field` names the culprit.
 */
export class ValidationError extends AgentChatError {
  static override readonly kind: string = 'ValidationError';
  declare readonly name: 'ValidationError';
  protected static override readonly defaultCode: AgentChatErrorCode = 'VALIDATION_ERROR';
  protected static override readonly defaultOutcome: Outcome = 'not_sent';

  readonly field: string | undefined;

  constructor(init: ValidationErrorInit | string) {
    super(init);
    this.field = (typeof init === 'string' ? undefined : init.field) ?? firstKey(this.details?.fieldErrors);
  }
}

function firstKey(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? Object.keys(value)[0] : undefined;
}
