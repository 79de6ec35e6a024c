import type { RealtimeClient } from '../realtime/index.js';
import type { DirectConversations } from './direct-conversations.js';
import type { ThreadIds } from './thread-ids.js';
import type { Turn, Turns } from './turns.js';

/** Shows that the bot is typing. What a turn has begun ends with it. */
export class Typing {
  readonly #realtime: RealtimeClient;
  readonly #threadIds: ThreadIds;
  readonly #conversations: DirectConversations;
  readonly #turns: Turns;

  constructor(
    realtime: RealtimeClient,
    threadIds: ThreadIds,
    conversations: DirectConversations,
    turns: Turns,
  ) {
    this.#realtime = realtime;
    this.#threadIds = threadIds;
    this.#conversations = conversations;
    this.#turns = turns;
  }

  /** Nothing happens in a conversation that has not begun: nobody is there to see it. */
  async start(threadId: string): Promise<void> {
    const turn = this.#turns.current;
    const conversationId = await this.#conversations.of(this.#threadIds.decode(threadId));
    // A handler that did not wait for this may have ended: nobody would end what begins now.
    if (conversationId === null || turn?.isOver) return;
    turn?.typingIn.add(conversationId);
    this.#realtime.sendTypingStart(conversationId);
  }

  async stop(threadId: string): Promise<void> {
    const conversationId = await this.#conversations.of(this.#threadIds.decode(threadId));
    if (conversationId === null) return;
    this.#turns.current?.typingIn.delete(conversationId);
    this.#realtime.sendTypingStop(conversationId);
  }

  /** The turn is over, and so is its typing. */
  end(turn: Turn): void {
    turn.isOver = true;
    for (const conversationId of turn.typingIn) this.#realtime.sendTypingStop(conversationId);
    turn.typingIn.clear();
  }
}
