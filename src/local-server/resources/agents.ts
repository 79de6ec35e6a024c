import { agentNotFound, ok } from '../http/reply.js';
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
