import { type CallOptions, checkFilled, type HttpTransport } from '../http/index.js';
import type {
  AgentConversationContext,
  ConversationListItem,
  ConversationParticipant,
  DirectConversationLookup,
} from '../wire/index.js';
import { splitOptions } from './call-arguments.js';
import { expectArray, expectField } from './expect.js';
import { handleArgument } from './handle-argument.js';
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

/** Reads a page of the conversation list. */
export async function listConversations(
  transport: HttpTransport,
  options: ListConversationsOptions,
  callOptions: CallOptions,
): Promise<ConversationListItem[]> {
  const { query, call } = splitOptions<Omit<ListConversationsOptions, keyof CallOptions>>(
    options,
    callOptions,
    ['limit', 'offset'],
    'listConversations',
  );
  const response = await transport.call(
    'listConversations',
    { query: { limit: query.limit, offset: query.offset } },
    call,
  );
  return expectArray<ConversationListItem>(response, 'listConversations');
}

/**
 * Goes through all conversations. The list is ordered by activity, so what is busy meanwhile moves to its beginning and
 * pushes others onto the next page, where they come again: each is given once.
 */
export async function* conversations(
  transport: HttpTransport,
  options: ConversationsOptions,
): AsyncGenerator<ConversationListItem, void, undefined> {
  const { query, call } = splitOptions<Pick<PageOptions, 'pageSize' | 'max'>>(
    options,
    {},
    ['pageSize', 'max'],
    'conversations',
  );
  const { pageSize, max = Number.POSITIVE_INFINITY } = query;
  const given = new Set<string>();
  let stalePages = 0;
  const page = async (offset: number, limit: number) => {
    const items = await listConversations(transport, { limit, offset }, call);
    const isStale = items.every((row) => given.has((row as Partial<ConversationListItem> | null)?.id ?? ''));
    stalePages = isStale ? stalePages + 1 : 0;
    if (stalePages > MOST_STALE_PAGES) throw circle('page after page holds nothing new');
    return { items };
  };
  let count = 0;
  for await (const row of paginate(page, { pageSize, max: max === 0 ? 0 : undefined, signal: call.signal })) {
    const { id } = (row ?? {}) as Partial<ConversationListItem>;
    if (id !== undefined && given.has(id)) continue;
    // What has no id is somebody else's to judge: it is passed on.
    if (id !== undefined) given.add(id);
    yield row;
    count += 1;
    if (count >= max) return;
  }
}

/** Reads who takes part. */
export async function getConversationParticipants(
  transport: HttpTransport,
  conversationId: string,
  options: CallOptions,
): Promise<ConversationParticipant[]> {
  checkFilled(conversationId, 'conversationId');
  const params = { conversation_id: conversationId };
  const response = await transport.call('getConversationParticipants', { params }, options);
  return expectArray<ConversationParticipant>(response, 'getConversationParticipants');
}

/** Reads where a conversation stands. */
export async function getConversationContext(
  transport: HttpTransport,
  conversationId: string,
  options: CallOptions,
): Promise<AgentConversationContext> {
  checkFilled(conversationId, 'conversationId');
  const params = { conversation_id: conversationId };
  const response = await transport.call('getConversationContext', { params }, options);
  return expectField<AgentConversationContext>(response, 'getConversationContext', 'conversation_id');
}

/** Reads where the conversation with an agent stands, or would. */
export async function getDirectConversationContext(
  transport: HttpTransport,
  handle: string,
  options: CallOptions,
): Promise<DirectConversationLookup> {
  const params = { handle: handleArgument(handle) };
  const response = await transport.call('getDirectConversationContext', { params }, options);
  return expectField<DirectConversationLookup>(response, 'getDirectConversationContext', 'state');
}
