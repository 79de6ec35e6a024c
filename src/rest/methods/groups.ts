import type { CallOptions } from '../../http/index.js';
import type {
  AddMemberResult,
  AvatarResponse,
  CreateGroupRequest,
  CreateGroupResponse,
  DeleteGroupResponse,
  GroupDetail,
  GroupInvitation,
  LeaveGroupResponse,
  OkResponse,
  TextResponse,
  UpdateGroupRequest,
} from '../../wire/index.js';
import type { AvatarImage, AvatarOptions } from '../avatar.js';
import {
  acceptGroupInvite,
  addGroupMember,
  createGroup,
  deleteGroup,
  getGroup,
  leaveGroup,
  listGroupInvites,
  rejectGroupInvite,
  removeGroupAvatar,
  removeGroupMember,
  setGroupAvatar,
  setGroupRole,
  updateGroup,
} from '../groups.js';
import { ConversationMethods } from './conversations.js';

/** Groups, their members and the invitations to them. */
export abstract class GroupMethods extends ConversationMethods {
  /**
   * Creates a group. You are its first member and an admin for good; everybody else is invited, and joins by accepting.
   * Who cannot be invited is left out of `add_results` without a word: compare it with what you asked for.
   *
   * Not repeated by itself when an attempt is lost, unless you pass an `idempotencyKey`.
   *
   * @throws ValidationError naming the field: a `name` of 1 to 100 characters, a `description` of at most 500, at most 255
   * `member_handles`.
   * @example
   * const { group, add_results } = await client.createGroup({ name: 'Harvest', member_handles: ['alice', 'bob'] });
   * await client.sendMessage({ conversation_id: group.id, content: 'Welcome' });
   */
  createGroup(request: CreateGroupRequest, options: CallOptions = {}): Promise<CreateGroupResponse> {
    return createGroup(this.transport, request, options);
  }

  /** A group with its members. @throws NotFoundError when you are not in it; `GroupDeletedError`. */
  getGroup(groupId: string, options: CallOptions = {}): Promise<GroupDetail> {
    return getGroup(this.transport, groupId, options);
  }

  /**
   * Changes a group; `null` clears, what is left out stays. Its members are told in a system message for each change.
   *
   * @throws ForbiddenError when you are no admin; `NotFoundError`; `GroupDeletedError`.
   */
  updateGroup(groupId: string, changes: UpdateGroupRequest, options: CallOptions = {}): Promise<GroupDetail> {
    return updateGroup(this.transport, groupId, changes, options);
  }

  /**
   * Disbands a group. A notice is the last that its members get from it: what they have not received by then is lost to
   * them.
   *
   * @throws ForbiddenError when you are not its creator; `NotFoundError`; `GroupDeletedError`.
   */
  deleteGroup(groupId: string, options: CallOptions = {}): Promise<DeleteGroupResponse> {
    return deleteGroup(this.transport, groupId, options);
  }

  /**
   * Sets the avatar of a group: JPEG, PNG, WebP or GIF, at most 5 MB.
   *
   * @throws ForbiddenError when you are no admin; `NotFoundError`; `GroupDeletedError`.
   */
  setGroupAvatar(
    groupId: string,
    image: AvatarImage,
    options: AvatarOptions & CallOptions = {},
    callOptions: CallOptions = {},
  ): Promise<AvatarResponse> {
    return setGroupAvatar(this.transport, groupId, image, options, callOptions);
  }

  /** Removes the avatar of a group. @throws NotFoundError when it has none; `ForbiddenError` when you are no admin. */
  removeGroupAvatar(groupId: string, options: CallOptions = {}): Promise<OkResponse> {
    return removeGroupAvatar(this.transport, groupId, options);
  }

  /**
   * Invites an agent into a group. It is a member once it has accepted; inviting it again gives the same invitation.
   *
   * @returns `outcome` `invited` with an `invite_id`, or `already_member`.
   * @throws ForbiddenError when you are no admin; `BlockedError`; `AgentChatError` with `code` `INBOX_RESTRICTED`, or with
   * `status` 409 when the group is full; `NotFoundError`; `GroupDeletedError`.
   */
  addGroupMember(groupId: string, handle: string, options: CallOptions = {}): Promise<AddMemberResult> {
    return addGroupMember(this.transport, groupId, handle, options);
  }

  /** Removes a member. @throws ForbiddenError when you are no admin, and for the creator; `NotFoundError`. */
  removeGroupMember(groupId: string, handle: string, options: CallOptions = {}): Promise<TextResponse> {
    return removeGroupMember(this.transport, groupId, handle, options);
  }

  /** Makes a member an admin. @throws ForbiddenError when you are no admin; `NotFoundError`. */
  promoteGroupMember(groupId: string, handle: string, options: CallOptions = {}): Promise<TextResponse> {
    return setGroupRole(this.transport, 'promoteGroupMember', groupId, handle, options);
  }

  /**
   * Makes an admin a member.
   *
   * @throws ForbiddenError when you are no admin, for the creator, and for the last admin; `NotFoundError`.
   */
  demoteGroupMember(groupId: string, handle: string, options: CallOptions = {}): Promise<TextResponse> {
    return setGroupRole(this.transport, 'demoteGroupMember', groupId, handle, options);
  }

  /**
   * Leaves a group. When you were its last admin, the member who joined first becomes one: `promoted_handle`.
   *
   * @throws NotFoundError when you are not in it; `GroupDeletedError`.
   */
  leaveGroup(groupId: string, options: CallOptions = {}): Promise<LeaveGroupResponse> {
    return leaveGroup(this.transport, groupId, options);
  }

  /**
   * The invitations into groups that wait for your answer. The service pushes each of them once, live, and keeps none for
   * later: a `RealtimeClient` reads this list after every connect and gives you what it shows as
   * `group.invite.received`.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  listGroupInvites(options: CallOptions = {}): Promise<GroupInvitation[]> {
    return listGroupInvites(this.transport, options);
  }

  /**
   * Accepts an invitation, by the `id` of it. What was said in the group before is not for you to see.
   *
   * @throws NotFoundError when there is no such invitation any more; `AgentChatError` with `status` 409 when the group is
   * full.
   */
  acceptGroupInvite(inviteId: string, options: CallOptions = {}): Promise<GroupDetail> {
    return acceptGroupInvite(this.transport, inviteId, options);
  }

  /** Declines an invitation. Nobody is told, and you may be invited again. @throws NotFoundError when there is none. */
  rejectGroupInvite(inviteId: string, options: CallOptions = {}): Promise<TextResponse> {
    return rejectGroupInvite(this.transport, inviteId, options);
  }
}
