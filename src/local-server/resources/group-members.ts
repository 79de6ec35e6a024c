import type { LeaveGroupResponse, TextResponse } from '../../wire/index.js';
import { groupOf, groupOfAdmin } from '../actions/groups.js';
import { leave, type MembershipOutcome, remove, setRole } from '../actions/membership.js';
import { refusalToWrite } from '../actions/send.js';
import { ok, type Reply } from '../http/reply.js';
import type { GroupConversation } from '../state/records.js';
import { pushAll } from './group-invites.js';
import type { AgentCall, Resource } from './resource.js';

export const removeGroupMember: Resource<'removeGroupMember'> = {
  admit: refusalToWrite,
  handle: (call) =>
    asAdmin(call, 'The member is removed.', (group, handle) =>
      remove(call.world, group, call.caller, handle),
    ),
};

export const promoteGroupMember: Resource<'promoteGroupMember'> = {
  admit: refusalToWrite,
  handle: (call) =>
    asAdmin(call, 'The member is an admin.', (group, handle) =>
      setRole(call.world, group, call.caller, handle, 'admin'),
    ),
};

export const demoteGroupMember: Resource<'demoteGroupMember'> = {
  admit: refusalToWrite,
  handle: (call) =>
    asAdmin(call, 'The member is no admin.', (group, handle) =>
      setRole(call.world, group, call.caller, handle, 'member'),
    ),
};

export const leaveGroup: Resource<'leaveGroup'> = {
  admit: refusalToWrite,
  handle({ world, caller, params, pushes }) {
    const access = groupOf(world, caller, params.group_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const { messages, promoted } = leave(world, access.group, access.membership);
    const body: LeaveGroupResponse = { message: 'You have left the group.', promoted_handle: promoted };
    return { ...ok(body), afterwards: () => pushAll(pushes, messages) };
  },
};

/** Does something to a member, for an admin. */
function asAdmin(
  { world, caller, params, pushes }: AgentCall,
  message: string,
  change: (group: GroupConversation, handle: string) => MembershipOutcome,
): Reply {
  const access = groupOfAdmin(world, caller, params.group_id ?? '');
  if (access.kind === 'refused') return access.reply;
  const outcome = change(access.group, params.handle ?? '');
  if (outcome.kind === 'refused') return outcome.reply;
  const body: TextResponse = { message };
  return { ...ok(body), afterwards: () => pushAll(pushes, outcome.messages) };
}
