import {
  type ConversationListItem,
  HISTORY_PAGE_DEFAULT,
  HISTORY_PAGE_MAX,
  type PageQuery,
} from '../../wire/index.js';
import { ok } from '../http/reply.js';
import type { Resource } from './resource.js';
import { conversationView } from './views.js';

/** How long a page of the list is, the service does not say. Here it is as long as one of history. */
export const listConversations: Resource<'listConversations'> = {
  handle({ world, caller, query }) {
    const { limit = HISTORY_PAGE_DEFAULT, offset = 0 } = query as PageQuery;
    const rows: ConversationListItem[] = [];
    let place = 0;
    for (const membership of caller.conversations.backward()) {
      if (rows.length === Math.min(limit, HISTORY_PAGE_MAX)) break;
      if (place >= offset) rows.push(conversationView(world, membership));
      place += 1;
    }
    return ok(rows);
  },
};
