import {
  type AddMemberRequest,
  type AddMemberResult,
  ErrorCode,
  normalizeHandle,
  type TextResponse,
} from '../../wire/index.js';
import { groupOfAdmin } from '../actions/groups.js';
import { accept, type InviteOutcome, invitationView, invite } from '../actions/invite.js';
import type { Pushes } from '../actions/pushes.js';
import { refusalToWrite } from '../actions/send.js';
import { failure, ok, type Reply } from '../http/reply.js';
import type { Invitation } from '../state/invitations.js';
import type { StoredMessage } from '../state/records.js';
import { groupView } from './group-views.js';
import type { AgentCall, Resource } from './resource.js';

export const addGroupMember: Resource<'addGroupMember'> = {
  admit: refusalToWrite,
  handle({ world, caller, params, body, pushes }) {
    const access = groupOfAdmin(world, caller, params.group_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const { handle } = body as AddMemberRequest;
    const outcome = invite(world, access.group, caller, normalizeHandle(handle));
    if (outcome.kind === 'refused') return outcome.reply;
    const status = outcome.kind === 'invited' && outcome.isNew ? 201 : 200;
    return { status, body: inviteResult(outcome), afterwards: () => announce(pushes, [outcome]) };
  },
};

export const listGroupInvites: Resource<'listGroupInvites'> = {
  handle: ({ world, caller }) => ok(world.invitations.to(caller.handle).map(invitationView)),
};

export const acceptGroupInvite: Resource<'acceptGroupInvite'> = {
  admit: refusalToWrite,
  handle(call) {
    const { world, caller, pushes } = call;
    const invitation = ownInvitation(call);
    if (invitation === undefined) return invitationNotFound();
    const joined = accept(world, caller, invitation);
    if (joined.kind === 'refused') return joined.reply;
    world.invitations.remove(invitation);
    const { group } = invitation;
    return {
      ...ok(groupView(group, joined.membership)),
      afterwards: () => pushes.messageStored(joined.message),
    };
  },
};

export const rejectGroupInvite: Resource<'rejectGroupInvite'> = {
  handle(call) {
    const invitation = ownInvitation(call);
    if (invitation === undefined) return invitationNotFound();
    call.world.invitations.remove(invitation);
    const body: TextResponse = { message: 'The invitation is declined. Nobody is told.' };
    return ok(body);
  },
};

/** An invitation's result. */
export function inviteResult(outcome: Exclude<InviteOutcome, { kind: 'refused' }>): AddMemberResult {
  return outcome.kind === 'invited'
    ? { handle: outcome.invitee.handle, outcome: 'invited', invite_id: outcome.invitation.id }
    : { handle: outcome.handle, outcome: 'already_member' };
}

/** Tells those who were invited just now. */
export function announce(pushes: Pushes, outcomes: readonly InviteOutcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.kind !== 'invited' || !outcome.isNew) continue;
    const payload = invitationView(outcome.invitation);
    pushes.tell(outcome.invitee, { type: 'group.invite.received', payload });
  }
}

/** Pushes several messages in their order. */
export function pushAll(pushes: Pushes, messages: readonly StoredMessage[]): void {
  for (const message of messages) pushes.messageStored(message);
}

function ownInvitation({ world, caller, params }: AgentCall): Invitation | undefined {
  const invitation = world.invitations.byId(params.invite_id ?? '');
  return invitation?.invitee === caller.handle ? invitation : undefined;
}

function invitationNotFound(): Reply {
  return failure(404, ErrorCode.NOT_FOUND, 'You have no such invitation.');
}
