import {
  type AgentConversationContext,
  type ConversationListItem,
  type DirectConversationLookup,
  HISTORY_PAGE_DEFAULT,
  HISTORY_PAGE_MAX,
  type PageQuery,
} from '../../wire/index.js';
import { accessTo } from '../actions/groups.js';
import { hideConversation as hide, isListed } from '../actions/hide.js';
import { agentNotFound, invalid, ok } from '../http/reply.js';
import { contextView, conversationView, participantView } from './conversation-views.js';
import type { Resource } from './resource.js';

/** How long a page of the list is, the service does not say. Here it is as long as one of history. */
export const listConversations: Resource<'listConversations'> = {
  handle({ world, caller, query }) {
    const { limit = HISTORY_PAGE_DEFAULT, offset = 0 } = query as PageQuery;
    const rows: ConversationListItem[] = [];
    let place = 0;
    for (const membership of caller.conversations.backward()) {
      if (!isListed(membership)) continue;
      if (rows.length === Math.min(limit, HISTORY_PAGE_MAX)) break;
      if (place >= offset) rows.push(conversationView(world, membership));
      place += 1;
    }
    return ok(rows);
  },
};

export const getConversationParticipants: Resource<'getConversationParticipants'> = {
  handle({ world, caller, params }) {
    const access = accessTo(world, caller, params.conversation_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const { type, members } = access.membership.conversation;
    const agents = [...members.values()].map(({ agent }) => agent);
    return ok(agents.filter((agent) => type === 'group' || agent !== caller).map(participantView));
  },
};

export const getConversationContext: Resource<'getConversationContext'> = {
  handle({ world, caller, params }) {
    const access = accessTo(world, caller, params.conversation_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const body: AgentConversationContext = contextView(world, access.membership);
    return ok(body);
  },
};

export const getDirectConversationContext: Resource<'getDirectConversationContext'> = {
  handle({ world, caller, params }) {
    const other = world.agents.byHandle(params.handle ?? '');
    if (other === undefined) return agentNotFound();
    if (other === caller) return invalid({ handle: ['is your own'] });
    const conversation = world.conversations.between(caller.handle, other.handle);
    const membership = conversation?.members.get(caller.handle);
    const body: DirectConversationLookup = {
      state: conversation?.thread.kind ?? 'new',
      counterparty: { handle: other.handle, display_name: other.displayName },
      conversation: membership === undefined ? null : contextView(world, membership),
    };
    return ok(body);
  },
};

export const hideConversation: Resource<'hideConversation'> = {
  handle({ world, caller, params }) {
    const access = accessTo(world, caller, params.conversation_id ?? '');
    if (access.kind === 'refused') return access.reply;
    hide(world, access.membership);
    return ok({ ok: true });
  },
};
