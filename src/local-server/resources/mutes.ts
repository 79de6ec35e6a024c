import type { MuteListQuery, MuteListResult } from '../../wire/index.js';
import { ok } from '../http/reply.js';
import type { Resource } from './resource.js';
import { muteView } from './views.js';

/** Mutes are set by the operator (`server.mute`). */
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
