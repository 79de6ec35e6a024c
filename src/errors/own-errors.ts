import {
  AgentChatClientError,
  type AgentChatClientErrorInit,
  type ClassDefaults,
} from './agent-chat-client-error.js';

/**
 * The service could not be reached, or the connection broke before the answer was complete. `outcome` says whether the
 * request may have arrived.
 */
export class ConnectionError extends AgentChatClientError {
  static override get kind(): string {
    return 'ConnectionError';
  }

  protected static override get defaults(): ClassDefaults {
    return { code: 'CONNECTION_ERROR', retryable: true };
  }

  declare readonly name: 'ConnectionError' | 'TimeoutError';
}

/** The service did not answer in time. A kind of {@link ConnectionError}. */
export class TimeoutError extends ConnectionError {
  static override get kind(): string {
    return 'TimeoutError';
  }

  protected static override get defaults(): ClassDefaults {
    return { code: 'TIMEOUT', retryable: true };
  }

  declare readonly name: 'TimeoutError';
}

/**
 * You called it off, through an `AbortSignal` or by stopping the client. `cause` is the signal's reason, and `name` is
 * `AbortError`, as in all that can be aborted on the platform.
 */
export class AbortedError extends AgentChatClientError {
  static override get kind(): string {
    return 'AbortedError';
  }

  protected static override get defaults(): ClassDefaults {
    return { code: 'ABORTED', retryable: false };
  }

  declare readonly name: 'AbortError';

  constructor(init: AgentChatClientErrorInit | string) {
    super(init);
    Object.defineProperty(this, 'name', { value: 'AbortError' });
  }
}

/**
 * The other side sent something that the protocol does not know: a success that cannot be parsed, a frame that is no
 * frame. Check the base URL and what stands between you and the service.
 */
export class ProtocolError extends AgentChatClientError {
  static override get kind(): string {
    return 'ProtocolError';
  }

  protected static override get defaults(): ClassDefaults {
    return { code: 'PROTOCOL_ERROR', retryable: false };
  }

  declare readonly name: 'ProtocolError';
}
