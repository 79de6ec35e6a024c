import { type AgentChatError, createAgentChatError } from '../../../src/errors/index.js';

const CODES: Record<number, string> = {
  400: 'VALIDATION_ERROR',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  410: 'GROUP_DELETED',
  429: 'RATE_LIMITED',
  500: 'INTERNAL_ERROR',
};

/** The error that an `AgentChatClient` throws for an answer with this status. */
export function answer(status: number, options: { retryAfterMs?: number } = {}): AgentChatError {
  const code = CODES[status] ?? 'SOMETHING_ELSE';
  return createAgentChatError({ code, message: `status ${status}`, status, ...options });
}
