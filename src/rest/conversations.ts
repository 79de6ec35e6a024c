import type { CallOptions, HttpTransport } from '../http/index.js';
import type { ConversationListItem } from '../wire/index.js';
import { splitOptions } from './call-arguments.js';
import { expectArray } from './expect.js';

/** Which part of the conversation list. */
export interface ListConversationsOptions extends CallOptions {
  limit?: number | undefined;
  offset?: number | undefined;
}

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
