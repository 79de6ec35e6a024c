import {
  type AvatarResponse,
  type CreateGroupRequest,
  type CreateGroupResponse,
  type DeleteGroupResponse,
  ErrorCode,
  type GroupSystemEvent,
  normalizeHandle,
  type UpdateGroupRequest,
} from '../../wire/index.js';
import { deleteGroup as disband, mayDelete } from '../actions/delete-group.js';
import { forbidden, groupOf, groupOfAdmin } from '../actions/groups.js';
import { invite } from '../actions/invite.js';
import { refusalToWrite } from '../actions/send.js';
import { storeSystemMessage } from '../actions/store.js';
import { failure, invalid, ok, type Reply } from '../http/reply.js';
import { pictureUrl } from '../state/pictures.js';
import type { GroupConversation } from '../state/records.js';
import type { World } from '../state/world.js';
import { announce, inviteResult, pushAll } from './group-invites.js';
import { groupView } from './group-views.js';
import type { AgentCall, Resource } from './resource.js';

export const createGroup: Resource<'createGroup'> = {
  admit: refusalToWrite,
  handle({ world, caller, body, pushes }) {
    const { name, description = null, avatar_url = null, member_handles = [] } = body as CreateGroupRequest;
    const about = { name, description, avatarUrl: avatar_url };
    const group = world.conversations.createGroup(caller, about, world.timestamp());
    const handles = new Set(member_handles.map(normalizeHandle));
    handles.delete(caller.handle);
    // Who cannot be invited is left out without a word.
    const outcomes = [...handles]
      .map((handle) => invite(world, group, caller, handle))
      .filter((outcome) => outcome.kind !== 'refused');
    const viewer = group.members.get(caller.handle);
    if (viewer === undefined) throw new Error('A new group lacks its creator');
    const response: CreateGroupResponse = {
      group: groupView(group, viewer),
      add_results: outcomes.map(inviteResult),
    };
    return { status: 201, body: response, afterwards: () => announce(pushes, outcomes) };
  },
};

export const getGroup: Resource<'getGroup'> = {
  handle({ world, caller, params }) {
    const access = groupOf(world, caller, params.group_id ?? '');
    return access.kind === 'refused' ? access.reply : ok(groupView(access.group, access.membership));
  },
};

export const updateGroup: Resource<'updateGroup'> = {
  admit: refusalToWrite,
  handle({ world, caller, params, body, pushes }) {
    const access = groupOfAdmin(world, caller, params.group_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const { group, membership } = access;
    const at = world.timestamp();
    const messages = changesOf(world, group, body as UpdateGroupRequest, caller.handle).map((event) =>
      storeSystemMessage(world, group, event, at),
    );
    return { ...ok(groupView(group, membership)), afterwards: () => pushAll(pushes, messages) };
  },
};

export const deleteGroup: Resource<'deleteGroup'> = {
  admit: refusalToWrite,
  handle({ world, caller, params, pushes }) {
    const access = groupOf(world, caller, params.group_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const { group, membership } = access;
    if (!mayDelete(world, group, membership)) return forbidden('Only the creator may delete the group.');
    const { info, notice, members } = disband(world, group, caller);
    const body: DeleteGroupResponse = { deleted_at: info.deleted_at };
    return {
      ...ok(body),
      afterwards() {
        pushes.messageStored(notice);
        for (const member of members) pushes.tell(member, { type: 'group.deleted', payload: { ...info } });
      },
    };
  },
};

export const setGroupAvatar: Resource<'setGroupAvatar'> = {
  admit: refusalToWrite,
  handle(call) {
    const { world, caller, params, origin } = call;
    const access = groupOfAdmin(world, caller, params.group_id ?? '');
    if (access.kind === 'refused') return access.reply;
    const picture = world.pictures.keep(call.body as Buffer);
    if (picture === undefined) return invalid({ body: ['must be a JPEG, PNG, WebP or GIF'] });
    const { key } = picture;
    const body: AvatarResponse = { avatar_key: key, avatar_url: pictureUrl(origin, key) };
    return showAvatar(call, access.group, body.avatar_url, body);
  },
};

export const removeGroupAvatar: Resource<'removeGroupAvatar'> = {
  admit: refusalToWrite,
  handle(call) {
    const access = groupOfAdmin(call.world, call.caller, call.params.group_id ?? '');
    if (access.kind === 'refused') return access.reply;
    if (access.group.avatarUrl === null) {
      return failure(404, ErrorCode.NOT_FOUND, 'The group has no avatar.');
    }
    return showAvatar(call, access.group, null, { ok: true });
  },
};

function showAvatar(
  { world, caller, pushes }: AgentCall,
  group: GroupConversation,
  url: string | null,
  body: unknown,
): Reply {
  world.conversations.describe(group, { avatarUrl: url });
  const event = { schema_version: 1, event: 'avatar_changed', actor_handle: caller.handle } as const;
  const message = storeSystemMessage(world, group, event, world.timestamp());
  return { ...ok(body), afterwards: () => pushes.messageStored(message) };
}

/** Makes the changes that are any; one system message for each. */
function changesOf(
  { conversations }: World,
  group: GroupConversation,
  request: UpdateGroupRequest,
  actor: string,
): GroupSystemEvent[] {
  const { name, description, avatar_url } = request;
  const events: GroupSystemEvent[] = [];
  if (name !== undefined && name !== group.name) {
    conversations.describe(group, { name });
    events.push({ schema_version: 1, event: 'name_changed', new_name: name, actor_handle: actor });
  }
  if (description !== undefined && description !== group.description) {
    conversations.describe(group, { description });
    events.push({ schema_version: 1, event: 'description_changed', actor_handle: actor });
  }
  if (avatar_url !== undefined && avatar_url !== group.avatarUrl) {
    conversations.describe(group, { avatarUrl: avatar_url });
    events.push({ schema_version: 1, event: 'avatar_changed', actor_handle: actor });
  }
  return events;
}
