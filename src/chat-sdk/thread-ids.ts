import { invalid } from '../http/index.js';
import {
  conversationKind,
  isConversationId,
  type Message,
  normalizeHandle,
  senderOf,
} from '../wire/index.js';

/** Where a thread is: with another agent, or in a group. */
export type AgentChatThreadId =
  | {
      readonly kind: 'direct';
      /** The other side, without `@`. Handles never change, and are never used again. */
      readonly handle: string;
    }
  | {
      readonly kind: 'group';
      /** `grp_...` */
      readonly conversationId: string;
    };

/**
 * The ids of threads: `agentchat:alice` is the direct conversation with alice, `agentchat:grp_...` a group. So a thread has its id
 * before its first message.
 */
export class ThreadIds {
  readonly #prefix: string;

  constructor(adapterName: string) {
    this.#prefix = `${adapterName}:`;
  }

  encode(thread: AgentChatThreadId): string {
    return this.#prefix + (thread.kind === 'group' ? thread.conversationId : normalizeHandle(thread.handle));
  }

  /** @throws ValidationError for what is no id of a thread. */
  decode(threadId: string): AgentChatThreadId {
    const place = threadId.startsWith(this.#prefix) ? threadId.slice(this.#prefix.length) : '';
    if (place === '' || place.includes(':')) {
      throw invalid(
        'threadId',
        `"${threadId}" is no thread of this adapter: they read ${this.#prefix}alice or ${this.#prefix}grp_...`,
      );
    }
    if (conversationKind(place) === 'group') return { kind: 'group', conversationId: place };
    if (isConversationId(place)) {
      throw invalid(
        'threadId',
        `a direct thread is named by the handle of the other side, such as ${this.#prefix}alice, not by "${place}"`,
      );
    }
    return { kind: 'direct', handle: normalizeHandle(place) };
  }

  /** The thread of a message that somebody else has written. */
  of(message: Message): string {
    const { conversation_id } = message;
    return conversationKind(conversation_id) === 'group'
      ? this.encode({ kind: 'group', conversationId: conversation_id })
      : this.encode({ kind: 'direct', handle: senderOf(message) });
  }
}
