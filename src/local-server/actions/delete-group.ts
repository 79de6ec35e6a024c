import type { DeletedGroupInfo } from '../../wire/index.js';
import type { AgentRecord, GroupConversation, Membership, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';
import { adminsOf } from './membership.js';
import { storeSystemMessage } from './store.js';

/** A group that is no more. */
export interface DeletedGroup {
  readonly info: DeletedGroupInfo;
  readonly notice: StoredMessage;
  readonly members: readonly AgentRecord[];
}

/** The creator, and the admin who has been there longest when the creator is gone or suspended. */
export function mayDelete(world: World, group: GroupConversation, { agent }: Membership): boolean {
  if (agent.handle === group.createdBy) return true;
  const creator = world.agents.byHandle(group.createdBy);
  const isInCharge = creator?.status !== undefined && creator.status !== 'suspended';
  if (isInCharge && group.members.has(group.createdBy)) return false;
  const [first] = adminsOf(group).filter((each) => each.agent.handle !== group.createdBy);
  return first?.agent === agent;
}

/** Disbands a group. The notice is the last thing that every member gets from it; the messages are kept. */
export function deleteGroup(world: World, group: GroupConversation, actor: AgentRecord): DeletedGroup {
  const at = world.timestamp();
  const memberships = [...group.members.values()];
  for (const { agent } of memberships) {
    for (const envelope of agent.inbox.undelivered()) {
      if (envelope.stored.conversation === group) agent.inbox.withdraw(envelope);
    }
  }
  const event = { schema_version: 1, event: 'group_deleted', actor_handle: actor.handle } as const;
  const notice = storeSystemMessage(world, group, event, at);
  for (const membership of memberships) world.conversations.part(membership);
  world.invitations.cancelAll(group);
  const info = { group_id: group.id, deleted_by_handle: actor.handle, deleted_at: at };
  const members = memberships.map(({ agent }) => agent);
  world.conversations.bury(group, { info, members: new Set(members.map(({ handle }) => handle)) });
  return { info, notice, members };
}
