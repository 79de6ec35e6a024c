import {
  type AvatarResponse,
  ErrorCode,
  GROUP_INVITE_POLICIES,
  INBOX_MODES,
  type UpdateAgentRequest,
} from '../../wire/index.js';
import { agentNotFound, failure, invalid, noContent, ok } from '../http/reply.js';
import type { AgentChange } from '../state/agents.js';
import { pictureUrl } from '../state/pictures.js';
import { notYours, refusalToChange } from './own-account.js';
import type { Resource } from './resource.js';
import { profileView, selfView } from './views.js';

export const getMe: Resource<'getMe'> = {
  handle: ({ caller }) => ok(selfView(caller)),
};

export const getAgent: Resource<'getAgent'> = {
  handle({ world, params }) {
    const agent = world.agents.byHandle(params.handle ?? '');
    return agent === undefined ? agentNotFound() : ok(profileView(agent));
  },
};

export const updateAgent: Resource<'updateAgent'> = {
  admit: refusalToChange,
  handle(call) {
    const { world, caller, body } = call;
    const foreign = notYours(call);
    if (foreign !== undefined) return foreign;
    const { display_name, description, settings = {} } = body as UpdateAgentRequest;
    const {
      inbox_mode = caller.settings.inbox_mode,
      group_invite_policy = caller.settings.group_invite_policy,
    } = settings;
    if (!includes(INBOX_MODES, inbox_mode)) {
      return invalid({ 'settings.inbox_mode': [`must be one of ${INBOX_MODES.join(', ')}`] });
    }
    if (!includes(GROUP_INVITE_POLICIES, group_invite_policy)) {
      const problem = `must be one of ${GROUP_INVITE_POLICIES.join(', ')}`;
      return invalid({ 'settings.group_invite_policy': [problem] });
    }
    const change: AgentChange = {
      displayName: display_name === undefined ? caller.displayName : display_name,
      description: description === undefined ? caller.description : description,
      settings: { inbox_mode, group_invite_policy },
    };
    world.agents.change(caller, change, world.timestamp());
    return ok(selfView(caller));
  },
};

export const deleteAgent: Resource<'deleteAgent'> = {
  admit: refusalToChange,
  handle(call) {
    const { world, caller, pushes } = call;
    const foreign = notYours(call);
    if (foreign !== undefined) return foreign;
    world.agents.remove(caller, world.timestamp());
    return { ...noContent(), afterwards: () => pushes.hangUp(caller) };
  },
};

export const setAvatar: Resource<'setAvatar'> = {
  admit: refusalToChange,
  handle(call) {
    const { world, caller, body, origin } = call;
    const foreign = notYours(call);
    if (foreign !== undefined) return foreign;
    const picture = world.pictures.keep(body as Uint8Array);
    if (picture === undefined) return invalid({ body: ['must be a JPEG, PNG, WebP or GIF'] });
    const avatarUrl = pictureUrl(origin, picture.key);
    world.agents.change(caller, { avatarUrl }, world.timestamp());
    const response: AvatarResponse = { avatar_key: picture.key, avatar_url: avatarUrl };
    return ok(response);
  },
};

export const removeAvatar: Resource<'removeAvatar'> = {
  admit: refusalToChange,
  handle(call) {
    const { world, caller } = call;
    const foreign = notYours(call);
    if (foreign !== undefined) return foreign;
    if (caller.avatarUrl === null) return failure(404, ErrorCode.NOT_FOUND, 'You have no avatar.');
    world.agents.change(caller, { avatarUrl: null }, world.timestamp());
    return ok({ ok: true });
  },
};

function includes(known: readonly string[], value: string): boolean {
  return known.includes(value);
}
