import type { Adapter, ChatInstance, Logger } from 'chat';
import type { EventContext, RealtimeClient } from '../realtime/index.js';
import { type Message, senderOf } from '../wire/index.js';
import type { DirectConversations } from './direct-conversations.js';
import { isGroup, type Reader } from './reader.js';
import type { ThreadIds } from './thread-ids.js';
import { Turn, type Turns } from './turns.js';
import type { Typing } from './typing.js';

/**
 * Gives messages to the Chat SDK. A message counts as handled when the SDK's handlers have succeeded; if they fail, it comes again by
 * the rules of the realtime client (HND-1).
 */
export class Inbox {
  readonly #threadIds: ThreadIds;
  readonly #conversations: DirectConversations;
  readonly #reader: Reader;
  readonly #turns: Turns;
  readonly #typing: Typing;

  constructor(
    threadIds: ThreadIds,
    conversations: DirectConversations,
    reader: Reader,
    turns: Turns,
    typing: Typing,
  ) {
    this.#threadIds = threadIds;
    this.#conversations = conversations;
    this.#reader = reader;
    this.#turns = turns;
    this.#typing = typing;
  }

  /** @returns Ends it. */
  open(realtime: RealtimeClient, adapter: Adapter, chat: ChatInstance): () => void {
    const logger = chat.getLogger(adapter.name);
    return realtime.on('message.new', async ({ payload }, context) => {
      // What the platform itself notes wakes no bot. It is there in the history.
      if (payload.type === 'system') return;
      if (!isGroup(payload)) this.#conversations.learn(senderOf(payload), payload.conversation_id);
      await this.#handle(payload, context, adapter, chat, logger);
    });
  }

  async #handle(
    message: Message,
    { signal }: EventContext,
    adapter: Adapter,
    chat: ChatInstance,
    logger: Logger,
  ): Promise<void> {
    const threadId = this.#threadIds.of(message);
    const turn = new Turn(message.id, threadId, signal);
    const abort = () =>
      void chat.abortTurn?.(threadId).catch((error: unknown) => {
        logger.warn('The turn could not be aborted: the state adapter failed.', { error, threadId });
      });
    signal.addEventListener('abort', abort, { once: true });
    try {
      await forgetThatItBegan(chat, adapter, message);
      await this.#turns.run(turn, () => process(message, threadId, this.#reader, adapter, chat));
    } finally {
      signal.removeEventListener('abort', abort);
      this.#typing.end(turn);
    }
  }
}

/**
 * The SDK remembers a message before its handlers run, and leaves out one that it remembers: a message whose turn failed, or was cut
 * off by the end of the process, would be taken for handled. Which messages are new is decided by the realtime client alone. The SDK
 * can be told so from 4.41 on; before that, its memory has to go.
 */
async function forgetThatItBegan(chat: ChatInstance, adapter: Adapter, { id }: Message): Promise<void> {
  await chat.getState().delete(`dedupe:${adapter.name}:${id}`);
}

/** Resolves when the handlers have succeeded, and everything that the SDK has left to do behind them. */
async function process(
  message: Message,
  threadId: string,
  reader: Reader,
  adapter: Adapter,
  chat: ChatInstance,
): Promise<void> {
  const left: Promise<unknown>[] = [];
  const waitUntil = (task: Promise<unknown>): void => {
    // It is awaited below. Until then its failure is nobody's unhandled rejection.
    task.catch(() => {});
    left.push(task);
  };
  await chat.processMessage(adapter, threadId, reader.read(message, threadId), {
    deduplicate: false,
    propagateHandlerErrors: true,
    waitUntil,
  });
  // More may be added meanwhile.
  for (const task of left) await task;
}
