import { GroupDeletedError } from '../errors/index.js';
import {
  type CallOptions,
  checkFilled,
  checkOptionNames,
  type HttpResponse,
  type HttpTransport,
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
import { type AvatarImage, type AvatarOptions, avatarUpload } from './avatar.js';
import { splitOptions } from './call-arguments.js';
import { expectArray, expectField, expectObject, isObject, unexpected } from './expect.js';
import { handleArgument } from './handle-argument.js';
import { readText } from './tolerant.js';

const CREATE_FIELDS: readonly string[] = ['name', 'description', 'avatar_url', 'member_handles', 'settings'];
const CHANGE_FIELDS: readonly string[] = ['name', 'description', 'avatar_url', 'settings'];

/** Creates a group. */
export async function createGroup(
  transport: HttpTransport,
  request: CreateGroupRequest,
  options: CallOptions,
): Promise<CreateGroupResponse> {
  checkOptionNames(request, CREATE_FIELDS, 'createGroup field');
  const response = await transport.call('createGroup', { body: withHandles(request) }, options);
  const created = expectObject<CreateGroupResponse>(response, 'createGroup');
  if (!isObject(created.group)) throw unexpected(response, 'createGroup', 'an object with a "group"');
  return Array.isArray(created.add_results) ? created : { ...created, add_results: [] };
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

/** Reads a group. */
export async function getGroup(
  transport: HttpTransport,
  groupId: string,
  options: CallOptions,
): Promise<GroupDetail> {
  return readGroup(await transport.call('getGroup', { params: groupParams(groupId) }, options), 'getGroup');
}

/** Changes a group. */
export async function updateGroup(
  transport: HttpTransport,
  groupId: string,
  changes: UpdateGroupRequest,
  options: CallOptions,
): Promise<GroupDetail> {
  const params = groupParams(groupId);
  checkOptionNames(changes, CHANGE_FIELDS, 'updateGroup field');
  if (CHANGE_FIELDS.every((name) => (changes as Record<string, unknown>)[name] === undefined)) {
    throw invalid('changes', `updateGroup: say what to change, at least one of ${CHANGE_FIELDS.join(', ')}`);
  }
  const response = await transport.call('updateGroup', { params, body: changes }, options);
  return readGroup(response, 'updateGroup');
}

/** Disbands a group. */
export async function deleteGroup(
  transport: HttpTransport,
  groupId: string,
  options: CallOptions,
): Promise<DeleteGroupResponse> {
  const params = groupParams(groupId);
  try {
    return expectObject(await transport.call('deleteGroup', { params }, options), 'deleteGroup');
  } catch (error) {
    // An attempt got no answer, and its repeat finds the group deleted: it was that attempt, or somebody was as fast.
    if (!(error instanceof GroupDeletedError) || error.outcome !== 'unknown') throw error;
    if (error.deletedAt === undefined) throw error;
    return { deleted_at: error.deletedAt };
  }
}

/** Removes the avatar of a group. */
export async function removeGroupAvatar(
  transport: HttpTransport,
  groupId: string,
  options: CallOptions,
): Promise<OkResponse> {
  await removal(transport.call('removeGroupAvatar', { params: groupParams(groupId) }, options));
  return { ok: true };
}

/** Sets the avatar of a group. */
export async function setGroupAvatar(
  transport: HttpTransport,
  groupId: string,
  image: AvatarImage,
  options: AvatarOptions & CallOptions,
  callOptions: CallOptions,
): Promise<AvatarResponse> {
  const params = groupParams(groupId);
  const { query, call } = splitOptions<AvatarOptions>(
    options,
    callOptions,
    ['contentType'],
    'setGroupAvatar',
  );
  const { body, headers } = await avatarUpload(image, query.contentType);
  const response = await transport.call('setGroupAvatar', { params, body, headers }, call);
  return expectObject(response, 'setGroupAvatar');
}

/** Invites an agent. */
export async function addGroupMember(
  transport: HttpTransport,
  groupId: string,
  handle: string,
  options: CallOptions,
): Promise<AddMemberResult> {
  const body = { handle: handleArgument(handle) };
  const response = await transport.call('addGroupMember', { params: groupParams(groupId), body }, options);
  return expectField<AddMemberResult>(response, 'addGroupMember', 'outcome');
}

/** Removes a member. */
export async function removeGroupMember(
  transport: HttpTransport,
  groupId: string,
  handle: string,
  options: CallOptions,
): Promise<TextResponse> {
  const params = { ...groupParams(groupId), handle: handleArgument(handle) };
  return textOfRemoval(transport.call('removeGroupMember', { params }, options));
}

/** Makes a member an admin, or an admin a member. */
export async function setGroupRole(
  transport: HttpTransport,
  key: 'promoteGroupMember' | 'demoteGroupMember',
  groupId: string,
  handle: string,
  options: CallOptions,
): Promise<TextResponse> {
  const params = { ...groupParams(groupId), handle: handleArgument(handle) };
  return readText(await transport.call(key, { params }, options));
}

/** Leaves a group. */
export async function leaveGroup(
  transport: HttpTransport,
  groupId: string,
  options: CallOptions,
): Promise<LeaveGroupResponse> {
  const response = await transport.call('leaveGroup', { params: groupParams(groupId) }, options);
  const { promoted_handle } = (response.data ?? {}) as Partial<LeaveGroupResponse>;
  return {
    ...readText(response),
    promoted_handle: typeof promoted_handle === 'string' ? promoted_handle : null,
  };
}

/**
 * Reads the pending invitations.
 *
 * @throws ProtocolError for an answer that is no list: it is never taken for "nobody has invited you".
 */
export async function listGroupInvites(
  transport: HttpTransport,
  options: CallOptions,
): Promise<GroupInvitation[]> {
  const response = await transport.call('listGroupInvites', {}, options);
  return expectArray<GroupInvitation>(response, 'listGroupInvites');
}

/** Accepts an invitation. */
export async function acceptGroupInvite(
  transport: HttpTransport,
  inviteId: string,
  options: CallOptions,
): Promise<GroupDetail> {
  const params = inviteParams(inviteId);
  return readGroup(await transport.call('acceptGroupInvite', { params }, options), 'acceptGroupInvite');
}

/** Declines an invitation. */
export async function rejectGroupInvite(
  transport: HttpTransport,
  inviteId: string,
  options: CallOptions,
): Promise<TextResponse> {
  return textOfRemoval(transport.call('rejectGroupInvite', { params: inviteParams(inviteId) }, options));
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
  return expectField<GroupDetail>(response, key, 'id');
}
