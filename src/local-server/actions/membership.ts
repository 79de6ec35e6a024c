import { ErrorCode } from '../../wire/index.js';
import { failure, type Reply } from '../http/reply.js';
import type { AgentRecord, GroupConversation, Membership, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';
import { forbidden } from './groups.js';
import { storeSystemMessage } from './store.js';

/** What came of a change among the members: what there is to push. */
export type MembershipOutcome =
  | { readonly kind: 'changed'; readonly messages: readonly StoredMessage[] }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Leaves a group. It is never without an admin: the earliest member becomes one. */
export function leave(
  world: World,
  group: GroupConversation,
  membership: Membership,
): { readonly messages: readonly StoredMessage[]; readonly promoted: string | null } {
  const at = world.timestamp();
  const { handle } = membership.agent;
  world.conversations.part(membership);
  const left = { schema_version: 1, event: 'member_left', agent_handle: handle } as const;
  const messages = [storeSystemMessage(world, group, left, at)];
  const heir = heirOf(group);
  if (heir === undefined) return { messages, promoted: null };
  world.conversations.setRole(heir, 'admin');
  const agent_handle = heir.agent.handle;
  const promotion = { schema_version: 1, event: 'admin_promoted', agent_handle, actor_handle: null } as const;
  messages.push(storeSystemMessage(world, group, promotion, at));
  return { messages, promoted: agent_handle };
}

/** Removes a member, who is told in the last message that it gets from the group. */
export function remove(
  world: World,
  group: GroupConversation,
  actor: AgentRecord,
  handle: string,
): MembershipOutcome {
  const membership = group.members.get(handle);
  if (membership === undefined) return refused(noSuchMember());
  if (handle === group.createdBy) return refused(forbidden('The creator of a group cannot be removed.'));
  const event = {
    schema_version: 1,
    event: 'member_removed',
    agent_handle: handle,
    actor_handle: actor.handle,
  } as const;
  const message = storeSystemMessage(world, group, event, world.timestamp());
  world.conversations.part(membership);
  return { kind: 'changed', messages: [message] };
}

/** Makes a member an admin, or an admin a member. What they are already changes nothing and is told to nobody. */
export function setRole(
  world: World,
  group: GroupConversation,
  actor: AgentRecord,
  handle: string,
  role: 'admin' | 'member',
): MembershipOutcome {
  const membership = group.members.get(handle);
  if (membership === undefined) return refused(noSuchMember());
  if (membership.role === role) return { kind: 'changed', messages: [] };
  if (role === 'member') {
    if (handle === group.createdBy) return refused(forbidden('The creator of a group stays an admin.'));
    if (adminsOf(group).length === 1) return refused(forbidden('The last admin of a group stays one.'));
  }
  world.conversations.setRole(membership, role);
  const event = role === 'admin' ? 'admin_promoted' : 'admin_demoted';
  const change = { schema_version: 1, event, agent_handle: handle, actor_handle: actor.handle } as const;
  const message = storeSystemMessage(world, group, change, world.timestamp());
  return { kind: 'changed', messages: [message] };
}

/** Who becomes admin when nobody is left who is. */
function heirOf(group: GroupConversation): Membership | undefined {
  return adminsOf(group).length > 0 ? undefined : group.members.values().next().value;
}

export function adminsOf(group: GroupConversation): Membership[] {
  return [...group.members.values()].filter(({ role }) => role === 'admin');
}

function noSuchMember(): Reply {
  return failure(404, ErrorCode.AGENT_NOT_FOUND, 'There is no such member.');
}

function refused(reply: Reply): MembershipOutcome {
  return { kind: 'refused', reply };
}
