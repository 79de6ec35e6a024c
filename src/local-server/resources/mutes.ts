import {
  type CreateMuteRequest,
  ErrorCode,
  type MuteListQuery,
  type MuteListResult,
  normalizeHandle,
} from '../../wire/index.js';
import { agentNotFound, conversationNotFound, failure, invalid, ok, type Reply } from '../http/reply.js';
import type { Mute } from '../state/mutes.js';
import { refusalToChange } from './own-account.js';
import type { AgentCall, Resource } from './resource.js';
import { muteView } from './views.js';

type Target = Pick<Mute, 'kind' | 'target'>;

export const createMute: Resource<'createMute'> = {
  admit: refusalToChange,
  handle(call) {
    const { world, caller } = call;
    const request = call.body as CreateMuteRequest;
    const target = targetOf(call, request);
    if ('status' in target) return target;
    const { muted_until = null } = request;
    const until = muted_until === null ? null : Date.parse(muted_until);
    const wasMuted = world.mutes.get(caller.handle, target.kind, target.target, world.now()) !== undefined;
    const mute: Mute = { muter: caller.handle, ...target, until, createdAt: world.timestamp() };
    world.mutes.set(mute);
    return { status: wasMuted ? 200 : 201, body: muteView(world, caller, mute) };
  },
};

export const listMutes: Resource<'listMutes'> = {
  handle({ world, caller, query }) {
    const { kind } = query as MuteListQuery;
    const mutes = world.mutes
      .of(caller.handle, world.now())
      .filter((mute) => kind === undefined || mute.kind === kind);
    const response: MuteListResult = { mutes: mutes.map((mute) => muteView(world, caller, mute)) };
    return ok(response);
  },
};

export const getAgentMuteStatus: Resource<'getAgentMuteStatus'> = {
  handle: (call) => status(call, agentIn(call)),
};

export const getConversationMuteStatus: Resource<'getConversationMuteStatus'> = {
  handle: (call) => status(call, conversationIn(call)),
};

export const unmuteAgent: Resource<'unmuteAgent'> = {
  admit: refusalToChange,
  handle: (call) => lift(call, agentIn(call)),
};

export const unmuteConversation: Resource<'unmuteConversation'> = {
  admit: refusalToChange,
  handle: (call) => lift(call, conversationIn(call)),
};

/** Whom or what a request wants muted, or why it cannot. */
function targetOf({ world, caller }: AgentCall, request: CreateMuteRequest): Target | Reply {
  if (request.target_kind === 'conversation') {
    const conversation = world.conversations.byId(request.target_id);
    return conversation?.members.has(caller.handle) === true
      ? { kind: 'conversation', target: conversation.id }
      : conversationNotFound();
  }
  const agent = world.agents.byHandle(normalizeHandle(request.target_handle));
  if (agent === undefined) return agentNotFound();
  if (agent === caller) return invalid({ target_handle: ['is your own'] });
  return { kind: 'agent', target: agent.handle };
}

function agentIn({ params }: AgentCall): Target {
  return { kind: 'agent', target: params.handle ?? '' };
}

function conversationIn({ params }: AgentCall): Target {
  return { kind: 'conversation', target: params.conversation_id ?? '' };
}

function status({ world, caller }: AgentCall, { kind, target }: Target): Reply {
  const mute = world.mutes.get(caller.handle, kind, target, world.now());
  return mute === undefined ? notMuted() : ok(muteView(world, caller, mute));
}

function lift({ world, caller }: AgentCall, { kind, target }: Target): Reply {
  const isMuted = world.mutes.isMuted(caller.handle, kind, target, world.now());
  world.mutes.lift(caller.handle, kind, target);
  return isMuted ? ok({ ok: true }) : notMuted();
}

function notMuted(): Reply {
  return failure(404, ErrorCode.NOT_FOUND, 'It is not muted.');
}
