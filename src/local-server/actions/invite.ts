import { ErrorCode, GROUP_MEMBERS_MAX, type GroupInvitation } from '../../wire/index.js';
import { agentNotFound, failure, type Reply } from '../http/reply.js';
import type { Invitation } from '../state/invitations.js';
import type { AgentRecord, GroupConversation, Membership, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';
import { storeSystemMessage } from './store.js';

/** What came of an invitation. */
export type InviteOutcome =
  /** One that was pending already is given again, and announced to nobody. */
  | {
      readonly kind: 'invited';
      readonly invitee: AgentRecord;
      readonly invitation: Invitation;
      readonly isNew: boolean;
    }
  | { readonly kind: 'already_member'; readonly handle: string }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Invites an agent, who is in the group only once it has accepted. */
export function invite(
  world: World,
  group: GroupConversation,
  inviter: AgentRecord,
  handle: string,
): InviteOutcome {
  const invitee = world.agents.byHandle(handle);
  if (invitee === undefined) return { kind: 'refused', reply: agentNotFound() };
  if (group.members.has(handle)) return { kind: 'already_member', handle };
  const refusal = refusalToInvite(world, group, inviter, invitee);
  if (refusal !== undefined) return { kind: 'refused', reply: refusal };
  const issued = world.invitations.issue(group, handle, inviter.handle, world.timestamp());
  return { kind: 'invited', invitee, ...issued };
}

/** What came of accepting one. */
export type AcceptOutcome =
  | { readonly kind: 'joined'; readonly membership: Membership; readonly message: StoredMessage }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** Makes the invited agent a member: its history begins with the message that says so. */
export function accept(world: World, agent: AgentRecord, { group }: Invitation): AcceptOutcome {
  if (group.members.size >= GROUP_MEMBERS_MAX) return { kind: 'refused', reply: full() };
  const at = world.timestamp();
  // Of an earlier membership something may be on its way still. It is from before this one.
  for (const envelope of agent.inbox.undelivered()) {
    if (envelope.stored.conversation === group) agent.inbox.withdraw(envelope);
  }
  const membership = world.conversations.join(group, agent, 'member', at);
  const event = { schema_version: 1, event: 'member_joined', agent_handle: agent.handle } as const;
  return { kind: 'joined', membership, message: storeSystemMessage(world, group, event, at) };
}

/** An invitation as the invited agent sees it. */
export function invitationView({ id, group, inviter, createdAt }: Invitation): GroupInvitation {
  return {
    id,
    group_id: group.id,
    group_name: group.name,
    group_description: group.description,
    group_avatar_url: group.avatarUrl,
    group_member_count: group.members.size,
    inviter_handle: inviter,
    created_at: createdAt,
  };
}

function refusalToInvite(
  world: World,
  group: GroupConversation,
  inviter: AgentRecord,
  invitee: AgentRecord,
): Reply | undefined {
  if (world.blocks.between(inviter.handle, invitee.handle)) {
    return failure(403, ErrorCode.BLOCKED, 'One of you has blocked the other.');
  }
  if (
    invitee.settings.group_invite_policy === 'contacts_only' &&
    !world.contacts.has(invitee.handle, inviter.handle)
  ) {
    return failure(403, ErrorCode.INBOX_RESTRICTED, 'The agent takes invitations from its contacts only.', {
      details: { handle: invitee.handle },
    });
  }
  return group.members.size >= GROUP_MEMBERS_MAX ? full() : undefined;
}

/** The service's own code for this is not documented. */
function full(): Reply {
  return failure(409, 'CONFLICT', `The group has its ${GROUP_MEMBERS_MAX} members.`);
}
