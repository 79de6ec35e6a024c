import { isNotFound, isServicesWord } from '../errors/index.js';
import type { AgentChatClient } from '../rest/index.js';
import type { AgentChatThreadId } from './thread-ids.js';

/** More are forgotten, the longest known first, and asked for again when they are needed. */
const MOST_REMEMBERED = 10_000;

/** The ids of direct conversations, by the handle of the other side: history and typing go by conversation. */
export class DirectConversations {
  readonly #client: AgentChatClient;
  readonly #ids = new Map<string, string>();

  constructor(client: AgentChatClient) {
    this.#client = client;
  }

  learn(handle: string, conversationId: string): void {
    if (this.#ids.get(handle) === conversationId) return;
    this.#ids.set(handle, conversationId);
    if (this.#ids.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#ids.keys()) {
      this.#ids.delete(oldest);
      return;
    }
  }

  /** The conversation of a thread; `null` while nobody has written in it. */
  async of(thread: AgentChatThreadId): Promise<string | null> {
    if (thread.kind === 'group') return thread.conversationId;
    const { handle } = thread;
    const known = this.#ids.get(handle);
    if (known !== undefined) return known;
    try {
      const { conversation } = await this.#client.getDirectConversationContext(handle);
      if (conversation === null) return null;
      this.learn(handle, conversation.conversation_id);
      return conversation.conversation_id;
    } catch (error) {
      if (isNotFound(error) && isServicesWord(error)) return null;
      throw error;
    }
  }
}
