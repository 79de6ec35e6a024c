import { type DeletedGroupInfo, ErrorCode } from '../../wire/index.js';
import { conversationNotFound, failure, type Reply } from '../http/reply.js';
import type { AgentRecord, GroupConversation, Membership } from '../state/records.js';
import type { World } from '../state/world.js';

/** A group as one agent may see it. */
export type GroupAccess =
  | { readonly kind: 'member'; readonly group: GroupConversation; readonly membership: Membership }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** A group that the agent is in. For everybody else it does not exist, but for those who were in it when it was deleted. */
export function groupOf(world: World, agent: AgentRecord, id: string): GroupAccess {
  const group = world.conversations.group(id);
  const membership = group?.members.get(agent.handle);
  if (group !== undefined && membership !== undefined) return { kind: 'member', group, membership };
  const reply = group === undefined ? conversationNotFound() : refusalToOutsider(group, agent);
  return { kind: 'refused', reply };
}

/** Any conversation as one agent may see it. */
export type Access =
  | { readonly kind: 'member'; readonly membership: Membership }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** A conversation, direct or group, that the agent is in. */
export function accessTo(world: World, agent: AgentRecord, id: string): Access {
  const conversation = world.conversations.byId(id);
  if (conversation?.type === 'group') return groupOf(world, agent, id);
  const membership = conversation?.members.get(agent.handle);
  return membership === undefined
    ? { kind: 'refused', reply: conversationNotFound() }
    : { kind: 'member', membership };
}

/** The same as {@link groupOf}, for what admins may do only. */
export function groupOfAdmin(world: World, agent: AgentRecord, id: string): GroupAccess {
  const access = groupOf(world, agent, id);
  if (access.kind === 'refused' || access.membership.role === 'admin') return access;
  return { kind: 'refused', reply: forbidden('Only an admin of the group may do this.') };
}

export function forbidden(message: string): Reply {
  return failure(403, ErrorCode.FORBIDDEN, message);
}

/** What somebody hears who is not in the group. */
export function refusalToOutsider({ tombstone }: GroupConversation, agent: AgentRecord): Reply {
  return tombstone?.members.has(agent.handle) === true ? gone(tombstone.info) : conversationNotFound();
}

/** What is left of a group. Clients look for it in `details` and, some of them, beside the code. */
function gone(info: DeletedGroupInfo): Reply {
  const body = { code: ErrorCode.GROUP_DELETED, message: 'The group was deleted.', details: info, ...info };
  return { status: 410, body };
}
