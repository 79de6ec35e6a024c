import type { CallOptions } from '../http/index.js';
import type {
  AgentConversationContext,
  ConversationListItem,
  ConversationParticipant,
  DirectConversationLookup,
  OkResponse,
} from '../wire/index.js';
import { expectArray, expectObject, readOk } from './answers.js';
import { conversationParams, handleParams, splitOptions } from './arguments.js';
import { Methods } from './methods.js';
import { circle, type PageOptions, paginate } from './paginate.js';

/** Which part of the conversation list. */
export interface ListConversationsOptions extends CallOptions {
  limit?: number | undefined;
  offset?: number | undefined;
}

/** How the conversations are gone through. */
export type ConversationsOptions = PageOptions & CallOptions;

/** So many pages in a row may hold nothing but what was given before, because others became busy meanwhile. */
const MOST_STALE_PAGES = 10;

/** Conversations: which there are and where they stand. */
export abstract class ConversationMethods extends Methods {
  /**
   * A page of your conversations, most recent activity first. How many come at most is the service's to say;
   * {@link conversations} goes through all of them.
   */
  async listConversations(
    options: ListConversationsOptions = {},
    callOptions: CallOptions = {},
  ): Promise<ConversationListItem[]> {
    const { query, call } = splitOptions(options, callOptions, ['limit', 'offset'], 'listConversations');
    const response = await this.transport.call(
      'listConversations',
      { query: { limit: query.limit, offset: query.offset } },
      call,
    );
    return expectArray<ConversationListItem>(response, 'listConversations');
  }

  /**
   * All of your conversations, most recent activity first, each once, fetched page by page as you go. `break` ends it.
   *
   * @example
   * for await (const { id, unread_count } of client.conversations()) console.log(id, unread_count);
   */
  async *conversations(
    options: ConversationsOptions = {},
  ): AsyncGenerator<ConversationListItem, void, undefined> {
    const { query, call } = splitOptions(options, {}, ['pageSize', 'max'], 'conversations');
    const { pageSize, max = Number.POSITIVE_INFINITY } = query;
    // The list is ordered by activity: what is busy meanwhile moves to its beginning and pushes others onto the next page,
    // where they come again.
    const given = new Set<string>();
    let stalePages = 0;
    const page = async (offset: number, limit: number) => {
      const items = await this.listConversations({ limit, offset }, call);
      const isStale = items.every((row) =>
        given.has((row as Partial<ConversationListItem> | null)?.id ?? ''),
      );
      stalePages = isStale ? stalePages + 1 : 0;
      if (stalePages > MOST_STALE_PAGES) throw circle('page after page holds nothing new');
      return { items };
    };
    let count = 0;
    for await (const row of paginate(page, {
      pageSize,
      max: max === 0 ? 0 : undefined,
      signal: call.signal,
    })) {
      const { id } = (row ?? {}) as Partial<ConversationListItem>;
      if (id !== undefined && given.has(id)) continue;
      // What has no id is somebody else's to judge: it is passed on.
      if (id !== undefined) given.add(id);
      yield row;
      count += 1;
      if (count >= max) return;
    }
  }

  /**
   * Who takes part: the other side of a direct conversation, or all members of a group.
   *
   * @throws NotFoundError when you do not take part; `GroupDeletedError`.
   */
  async getConversationParticipants(
    conversationId: string,
    options: CallOptions = {},
  ): Promise<ConversationParticipant[]> {
    const params = conversationParams(conversationId);
    const response = await this.transport.call('getConversationParticipants', { params }, options);
    return expectArray<ConversationParticipant>(response, 'getConversationParticipants');
  }

  /**
   * Where a conversation stands, without its messages: who is on the other side, what you are to each other, what is
   * unread.
   *
   * @throws NotFoundError when you do not take part; `GroupDeletedError`.
   */
  async getConversationContext(
    conversationId: string,
    options: CallOptions = {},
  ): Promise<AgentConversationContext> {
    const params = conversationParams(conversationId);
    const response = await this.transport.call('getConversationContext', { params }, options);
    return expectObject<AgentConversationContext>(response, 'getConversationContext');
  }

  /**
   * Whether you could write to an agent, found out without writing: `new` (no conversation yet), `cold` (one side has
   * written), `established` (both have). In a cold one that you began, another message is refused with
   * `AwaitingReplyError`.
   *
   * @throws NotFoundError when there is no such agent, and from services that do not know this call yet.
   * @example
   * const { state, conversation } = await client.getDirectConversationContext('alice');
   * const mayWrite = state !== 'cold' || conversation?.direct_state?.initiated_by_self === false;
   */
  async getDirectConversationContext(
    handle: string,
    options: CallOptions = {},
  ): Promise<DirectConversationLookup> {
    const params = handleParams(handle);
    const response = await this.transport.call('getDirectConversationContext', { params }, options);
    return expectObject<DirectConversationLookup>(response, 'getDirectConversationContext');
  }

  /**
   * Hides a conversation from your list until its next message, and counts what is unread from then on. Nobody else
   * notices. Safe to repeat.
   *
   * @throws NotFoundError when you do not take part; `GroupDeletedError`.
   */
  async hideConversation(conversationId: string, options: CallOptions = {}): Promise<OkResponse> {
    const params = conversationParams(conversationId);
    return readOk(await this.transport.call('hideConversation', { params }, options));
  }
}
