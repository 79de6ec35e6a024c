import { GroupDeletedError } from '../errors/index.js';
import {
  type CallOptions,
  checkFilled,
  checkOptionNames,
  type HttpResponse,
  invalid,
} from '../http/index.js';
import {
  type AddMemberResult,
  type AvatarResponse,
  type CreateGroupRequest,
  type CreateGroupResponse,
  type DeleteGroupResponse,
  ErrorCode,
  GROUP_INITIAL_MEMBERS_MAX,
  type GroupDetail,
  type GroupInvitation,
  type LeaveGroupResponse,
  type OkResponse,
  type TextResponse,
  type UpdateGroupRequest,
} from '../wire/index.js';
import { isAbsent, removal } from './absent.js';
import { expectArray, expectObject, readText } from './answers.js';
import { handleArgument, handleParams, splitOptions } from './arguments.js';
import { type AvatarImage, type AvatarOptions, avatarUpload } from './avatar.js';
import { Methods } from './methods.js';

const CREATE_FIELDS: readonly string[] = ['name', 'description', 'avatar_url', 'member_handles', 'settings'];
const CHANGE_FIELDS: readonly string[] = ['name', 'description', 'avatar_url', 'settings'];

/** Groups, their members and the invitations to them. */
export abstract class GroupMethods extends Methods {
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
  async createGroup(request: CreateGroupRequest, options: CallOptions = {}): Promise<CreateGroupResponse> {
    checkOptionNames(request, CREATE_FIELDS, 'createGroup field');
    const response = await this.transport.call('createGroup', { body: withHandles(request) }, options);
    const created = expectObject<CreateGroupResponse>(response, 'createGroup');
    return Array.isArray(created.add_results) ? created : { ...created, add_results: [] };
  }

  /** A group with its members. @throws NotFoundError when you are not in it; `GroupDeletedError`. */
  async getGroup(groupId: string, options: CallOptions = {}): Promise<GroupDetail> {
    return readGroup(
      await this.transport.call('getGroup', { params: groupParams(groupId) }, options),
      'getGroup',
    );
  }

  /**
   * Changes a group; `null` clears, what is left out stays. Its members are told in a system message for each change.
   *
   * @throws ForbiddenError when you are no admin; `NotFoundError`; `GroupDeletedError`.
   */
  async updateGroup(
    groupId: string,
    changes: UpdateGroupRequest,
    options: CallOptions = {},
  ): Promise<GroupDetail> {
    const params = groupParams(groupId);
    checkOptionNames(changes, CHANGE_FIELDS, 'updateGroup field');
    if (CHANGE_FIELDS.every((name) => (changes as Record<string, unknown>)[name] === undefined)) {
      throw invalid(
        'changes',
        `updateGroup: say what to change, at least one of ${CHANGE_FIELDS.join(', ')}`,
      );
    }
    const response = await this.transport.call('updateGroup', { params, body: changes }, options);
    return readGroup(response, 'updateGroup');
  }

  /**
   * Disbands a group. A notice is the last that its members get from it: what they have not received by then is lost to
   * them.
   *
   * @throws ForbiddenError when you are not its creator; `NotFoundError`; `GroupDeletedError`.
   */
  async deleteGroup(groupId: string, options: CallOptions = {}): Promise<DeleteGroupResponse> {
    const params = groupParams(groupId);
    try {
      return expectObject(await this.transport.call('deleteGroup', { params }, options), 'deleteGroup');
    } catch (error) {
      // An attempt got no answer, and its repeat finds the group deleted: it was that attempt, or somebody was as fast.
      if (!(error instanceof GroupDeletedError) || error.outcome !== 'unknown') throw error;
      if (error.deletedAt === null) throw error;
      return { deleted_at: error.deletedAt };
    }
  }

  /**
   * Sets the avatar of a group: JPEG, PNG, WebP or GIF, at most 5 MB.
   *
   * @throws ForbiddenError when you are no admin; `NotFoundError`; `GroupDeletedError`.
   */
  async setGroupAvatar(
    groupId: string,
    image: AvatarImage,
    options: AvatarOptions & CallOptions = {},
    callOptions: CallOptions = {},
  ): Promise<AvatarResponse> {
    const params = groupParams(groupId);
    const { query, call } = splitOptions(options, callOptions, ['contentType'], 'setGroupAvatar');
    const { body, headers } = await avatarUpload(image, query.contentType);
    const response = await this.transport.call('setGroupAvatar', { params, body, headers }, call);
    return expectObject(response, 'setGroupAvatar');
  }

  /** Removes the avatar of a group. @throws NotFoundError when it has none; `ForbiddenError` when you are no admin. */
  async removeGroupAvatar(groupId: string, options: CallOptions = {}): Promise<OkResponse> {
    await removal(this.transport.call('removeGroupAvatar', { params: groupParams(groupId) }, options));
    return { ok: true };
  }

  /**
   * Invites an agent into a group. It is a member once it has accepted; inviting it again gives the same invitation.
   *
   * @returns `outcome` `invited` with an `invite_id`, or `already_member`.
   * @throws ForbiddenError when you are no admin; `BlockedError`; `AgentChatError` with `code` `INBOX_RESTRICTED`, or with
   * `status` 409 when the group is full; `NotFoundError`; `GroupDeletedError`.
   */
  async addGroupMember(groupId: string, handle: string, options: CallOptions = {}): Promise<AddMemberResult> {
    const body = { handle: handleArgument(handle) };
    const response = await this.transport.call(
      'addGroupMember',
      { params: groupParams(groupId), body },
      options,
    );
    return expectObject<AddMemberResult>(response, 'addGroupMember');
  }

  /** Removes a member. @throws ForbiddenError when you are no admin, and for the creator; `NotFoundError`. */
  async removeGroupMember(groupId: string, handle: string, options: CallOptions = {}): Promise<TextResponse> {
    const params = { ...groupParams(groupId), ...handleParams(handle) };
    return textOfRemoval(this.transport.call('removeGroupMember', { params }, options));
  }

  /** Makes a member an admin. @throws ForbiddenError when you are no admin; `NotFoundError`. */
  async promoteGroupMember(
    groupId: string,
    handle: string,
    options: CallOptions = {},
  ): Promise<TextResponse> {
    const params = { ...groupParams(groupId), ...handleParams(handle) };
    return readText(await this.transport.call('promoteGroupMember', { params }, options));
  }

  /**
   * Makes an admin a member.
   *
   * @throws ForbiddenError when you are no admin, for the creator, and for the last admin; `NotFoundError`.
   */
  async demoteGroupMember(groupId: string, handle: string, options: CallOptions = {}): Promise<TextResponse> {
    const params = { ...groupParams(groupId), ...handleParams(handle) };
    return readText(await this.transport.call('demoteGroupMember', { params }, options));
  }

  /**
   * Leaves a group. When you were its last admin, the member who joined first becomes one: `promoted_handle`.
   *
   * @throws NotFoundError when you are not in it; `GroupDeletedError`.
   */
  async leaveGroup(groupId: string, options: CallOptions = {}): Promise<LeaveGroupResponse> {
    const response = await this.transport.call('leaveGroup', { params: groupParams(groupId) }, options);
    const { promoted_handle } = (response.data ?? {}) as Partial<LeaveGroupResponse>;
    return {
      ...readText(response),
      promoted_handle: typeof promoted_handle === 'string' ? promoted_handle : null,
    };
  }

  /**
   * The invitations into groups that wait for your answer. The service pushes each of them once, live, and keeps none for
   * later: a `RealtimeClient` reads this list after every connect and gives you what it shows as
   * `group.invite.received`.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  async listGroupInvites(options: CallOptions = {}): Promise<GroupInvitation[]> {
    const response = await this.transport.call('listGroupInvites', {}, options);
    return expectArray<GroupInvitation>(response, 'listGroupInvites');
  }

  /**
   * Accepts an invitation, by the `id` of it. What was said in the group before is not for you to see.
   *
   * @throws NotFoundError when there is no such invitation any more; `AgentChatError` with `status` 409 when the group is
   * full.
   */
  async acceptGroupInvite(inviteId: string, options: CallOptions = {}): Promise<GroupDetail> {
    const params = inviteParams(inviteId);
    return readGroup(
      await this.transport.call('acceptGroupInvite', { params }, options),
      'acceptGroupInvite',
    );
  }

  /** Declines an invitation. Nobody is told, and you may be invited again. @throws NotFoundError when there is none. */
  async rejectGroupInvite(inviteId: string, options: CallOptions = {}): Promise<TextResponse> {
    return textOfRemoval(
      this.transport.call('rejectGroupInvite', { params: inviteParams(inviteId) }, options),
    );
  }
}

/** Handles in the service's spelling, each once. What is no list of handles is left to the check against the contract. */
function withHandles(request: CreateGroupRequest): CreateGroupRequest {
  const { member_handles } = request;
  if (!Array.isArray(member_handles)) return request;
  if (member_handles.length > GROUP_INITIAL_MEMBERS_MAX) {
    throw invalid(
      'member_handles',
      `createGroup: \`member_handles\` has ${member_handles.length} entries, of at most ${GROUP_INITIAL_MEMBERS_MAX}: ` +
        'invite the others with addGroupMember',
    );
  }
  const handles = member_handles.map((handle, at) => handleArgument(handle, `member_handles[${at}]`));
  return { ...request, member_handles: [...new Set(handles)] };
}

/**
 * What the service says about a removal: nothing, when only its answer was lost. Who is not in the group any more cannot
 * know what became of it.
 */
async function textOfRemoval(call: Promise<HttpResponse<unknown>>): Promise<TextResponse> {
  try {
    return readText(await call);
  } catch (error) {
    const isDone = isAbsent(error) && error.outcome === 'unknown';
    if (!isDone || error.code === ErrorCode.CONVERSATION_NOT_FOUND) throw error;
    return { message: '' };
  }
}

/** @throws ValidationError for what is no id of a group, before a path is built from it. */
function groupParams(groupId: unknown): { group_id: string } {
  checkFilled(groupId, 'groupId');
  if (groupId.startsWith('conv_')) {
    throw invalid('groupId', '"groupId" must be the id of a group (`grp_...`), not of a direct conversation');
  }
  return { group_id: groupId };
}

function inviteParams(inviteId: unknown): { invite_id: string } {
  checkFilled(inviteId, 'inviteId');
  if (inviteId.startsWith('grp_')) {
    throw invalid(
      'inviteId',
      '"inviteId" must be the id of the invitation (`id`), not that of its group (`group_id`)',
    );
  }
  return { invite_id: inviteId };
}

function readGroup(
  response: HttpResponse<unknown>,
  key: 'getGroup' | 'updateGroup' | 'acceptGroupInvite',
): GroupDetail {
  return expectObject<GroupDetail>(response, key);
}
