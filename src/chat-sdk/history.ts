import type { Message as ChatMessage, FetchOptions, FetchResult } from 'chat';
import { isNotFound, isServicesWord } from '../errors/index.js';
import { invalid } from '../http/index.js';
import type { AgentChatClient } from '../rest/index.js';
import {
  HISTORY_PAGE_DEFAULT,
  HISTORY_PAGE_MAX,
  isMessageLike,
  type Message,
  readSeq,
} from '../wire/index.js';
import type { DirectConversations } from './direct-conversations.js';
import type { Reader } from './reader.js';
import type { ThreadIds } from './thread-ids.js';

/** What was said before, page by page. The cursor of a page is a seq. */
export class History {
  readonly #client: AgentChatClient;
  readonly #threadIds: ThreadIds;
  readonly #conversations: DirectConversations;
  readonly #reader: Reader;

  constructor(
    client: AgentChatClient,
    threadIds: ThreadIds,
    conversations: DirectConversations,
    reader: Reader,
  ) {
    this.#client = client;
    this.#threadIds = threadIds;
    this.#conversations = conversations;
    this.#reader = reader;
  }

  async page(threadId: string, options: FetchOptions = {}): Promise<FetchResult<Message>> {
    const conversationId = await this.#conversationOf(threadId);
    if (conversationId === null) return { messages: [] };
    const cursor = seqOf(options.cursor);
    const limit = Math.min(options.limit ?? HISTORY_PAGE_DEFAULT, HISTORY_PAGE_MAX);
    const isForward = options.direction === 'forward';
    const asked = isForward ? { afterSeq: cursor ?? 0 } : { beforeSeq: cursor };
    const rows = await this.#client.getMessages(conversationId, { ...asked, limit });
    const next = rows.length < limit ? undefined : lastSeqOf(rows);
    // Oldest first, whatever the direction.
    if (!isForward) rows.reverse();
    return {
      messages: rows.filter(isMessageLike).map((row) => this.#reader.read(row, threadId)),
      ...(next === undefined ? {} : { nextCursor: String(next) }),
    };
  }

  /** One message of a thread, or `null` when it is not there. */
  async message(threadId: string, messageId: string): Promise<ChatMessage<Message> | null> {
    const conversationId = await this.#conversationOf(threadId);
    if (conversationId === null) return null;
    try {
      const rows = await this.#client.getMessages(conversationId, { aroundMessageId: messageId, limit: 1 });
      const row = rows.find((each) => isMessageLike(each) && each.id === messageId);
      return row === undefined ? null : this.#reader.read(row, threadId);
    } catch (error) {
      if (isNotFound(error) && isServicesWord(error)) return null;
      throw error;
    }
  }

  #conversationOf(threadId: string): Promise<string | null> {
    return this.#conversations.of(this.#threadIds.decode(threadId));
  }
}

/** The seq of the last row that has one, in the direction of the page. */
function lastSeqOf(rows: readonly Message[]): number | undefined {
  return rows
    .map((row) => readSeq((row as Partial<Message> | null)?.seq))
    .findLast((seq) => seq !== undefined);
}

/** @throws ValidationError for what no page has given. */
function seqOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const seq = /^\d+$/.test(cursor) ? readSeq(Number(cursor)) : undefined;
  if (seq === undefined) throw invalid('cursor', '"cursor" must be the `nextCursor` of an earlier page');
  return seq;
}
