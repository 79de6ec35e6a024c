import { MAX_AVATAR_BYTES } from '../limits.js';
import {
  addMemberRequestSchema,
  addMemberResultSchema,
  avatarResponseSchema,
  createGroupRequestSchema,
  createGroupResponseSchema,
  deleteGroupResponseSchema,
  groupDetailSchema,
  groupInvitationListSchema,
  leaveGroupResponseSchema,
  okResponseSchema,
  textResponseSchema,
  updateGroupRequestSchema,
} from '../schemas/index.js';
import { type Endpoint, NO_BODY } from './endpoint.js';

/** Groups, their members and the invitations to them. */
export const groupEndpoints = {
  /** Create a group; everybody but the creator is invited. */
  createGroup: {
    method: 'POST',
    path: '/v1/groups',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [201],
    body: { kind: 'json', schema: createGroupRequestSchema },
    query: null,
    response: createGroupResponseSchema,
  },
  /** A group with its members. */
  getGroup: {
    method: 'GET',
    path: '/v1/groups/{group_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: groupDetailSchema,
  },
  /** Change a group; for admins. */
  updateGroup: {
    method: 'PATCH',
    path: '/v1/groups/{group_id}',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: { kind: 'json', schema: updateGroupRequestSchema },
    query: null,
    response: groupDetailSchema,
  },
  /** Disband a group; for its creator. */
  deleteGroup: {
    method: 'DELETE',
    path: '/v1/groups/{group_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: deleteGroupResponseSchema,
  },
  /** Set the avatar of a group; for admins. */
  setGroupAvatar: {
    method: 'PUT',
    path: '/v1/groups/{group_id}/avatar',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: { kind: 'bytes', maxBytes: MAX_AVATAR_BYTES },
    query: null,
    response: avatarResponseSchema,
  },
  /** Remove the avatar of a group; for admins. */
  removeGroupAvatar: {
    method: 'DELETE',
    path: '/v1/groups/{group_id}/avatar',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: okResponseSchema,
  },
  /** Invite an agent into a group; for admins. */
  addGroupMember: {
    method: 'POST',
    path: '/v1/groups/{group_id}/members',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [201, 200],
    body: { kind: 'json', schema: addMemberRequestSchema },
    query: null,
    response: addMemberResultSchema,
  },
  /** Remove a member; for admins, and never the creator. */
  removeGroupMember: {
    method: 'DELETE',
    path: '/v1/groups/{group_id}/members/{handle}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: textResponseSchema,
  },
  /** Make a member an admin; for admins. */
  promoteGroupMember: {
    method: 'POST',
    path: '/v1/groups/{group_id}/members/{handle}/promote',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: NO_BODY,
    query: null,
    response: textResponseSchema,
  },
  /** Make an admin a member; for admins, and never the creator or the last admin. */
  demoteGroupMember: {
    method: 'POST',
    path: '/v1/groups/{group_id}/members/{handle}/demote',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: NO_BODY,
    query: null,
    response: textResponseSchema,
  },
  /** Leave a group; the earliest member becomes admin if the last one leaves. */
  leaveGroup: {
    method: 'POST',
    path: '/v1/groups/{group_id}/leave',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: NO_BODY,
    query: null,
    response: leaveGroupResponseSchema,
  },
  /** Pending invitations. */
  listGroupInvites: {
    method: 'GET',
    path: '/v1/groups/invites',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: groupInvitationListSchema,
  },
  /** Accept an invitation; the history starts now. */
  acceptGroupInvite: {
    method: 'POST',
    path: '/v1/groups/invites/{invite_id}/accept',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [200],
    body: NO_BODY,
    query: null,
    response: groupDetailSchema,
  },
  /** Decline an invitation; the inviter is not told. */
  rejectGroupInvite: {
    method: 'DELETE',
    path: '/v1/groups/invites/{invite_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: textResponseSchema,
  },
} as const satisfies Record<string, Endpoint>;
