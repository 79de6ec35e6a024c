import {
  AgentChatClientError,
  framesOf,
  HandlerError,
  type WebhookVerificationError,
} from '../../errors/index.js';
import type { WebhookPayload } from '../../wire/index.js';

/** What any other cause says may be private, and is not written where nobody asked for it. */
const HINT = ' The receiver gives it to `onError`.';

/** Tells the owner of a receiver what went wrong. Nothing that the owner's listener does changes an answer. */
export class Reporter {
  /** @param onError The owner's listener; without one, what is the owner's to mend goes to `console.error`. */
  constructor(private readonly onError: ((error: AgentChatClientError) => void) | undefined) {}

  /** What is the owner's to mend is never silent. */
  report(error: unknown): void {
    const known = error instanceof AgentChatClientError ? error : unforeseen(error);
    if (this.onError !== undefined) this.tell(known);
    else console.error(`agentchat-client: ${known.message}${restOf(known)}`);
  }

  /** What is the sender's is told to whoever asked for it. */
  tell(error: AgentChatClientError | WebhookVerificationError): void {
    const { onError } = this;
    if (onError === undefined) return;
    // A listener may fail at once, or later.
    new Promise((resolve) => resolve(onError(error))).catch(() => {
      console.error('agentchat-client: the onError of a webhook receiver failed.');
    });
  }
}

/** What to report when the handler of that event fails. The event itself is the handler's, which may change it. */
export function handlerFailure({ event, data }: WebhookPayload): (cause: unknown) => HandlerError {
  const { id, conversation_id } = data as { id?: unknown; conversation_id?: unknown };
  return (cause) =>
    new HandlerError({
      message: `The handler of a webhook (${event}) failed`,
      messageId: typeof id === 'string' ? id : '',
      conversationId: typeof conversation_id === 'string' ? conversation_id : '',
      attempt: 1,
      willRetry: false,
      cause,
    });
}

/** What is not in the message. A handler's error is its author's, and is shown with the place where it was thrown. */
function restOf({ cause, code }: AgentChatClientError | WebhookVerificationError): string {
  if (cause === undefined) return '';
  return code === 'HANDLER_FAILED' ? framesOf(cause) : HINT;
}

/** Something of the owner's that was not expected to throw, such as the `now` option. */
function unforeseen(cause: unknown): AgentChatClientError {
  return new AgentChatClientError({
    code: 'RECEIVER_MISCONFIGURED',
    message: 'A webhook receiver failed over something that should not throw. See the cause.',
    outcome: 'rejected',
    cause,
  });
}
