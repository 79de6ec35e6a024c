import type { AgentChatClientError } from './agent-chat-client-error.js';
import { framesOf, textOf } from './cause.js';
import { HandlerError } from './handler-error.js';

/** A function of the user's, which is told what happens, has failed. `what` names it. */
export function listenerFailed(what: string, cause: unknown): HandlerError {
  return new HandlerError({
    message: `The client goes on, but your ${what} failed`,
    messageId: '',
    conversationId: '',
    attempt: 1,
    willRetry: false,
    cause,
  });
}

/** For an error that nobody listens to: a bot that fails without a word is the worst kind. */
export function writeError(error: AgentChatClientError): void {
  console.error(`agentchat-client: ${error.message}${whyOf(error)}`);
}

/** What the message does not say: where a handler threw, or why something else went wrong. */
function whyOf(error: AgentChatClientError): string {
  const { cause, message } = error;
  if (cause === undefined) return '';
  if (error instanceof HandlerError) return framesOf(cause);
  const text = textOf(cause);
  return message.includes(text) ? '' : ` Cause: ${text}`;
}
