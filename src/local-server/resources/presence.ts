import {
  ErrorCode,
  normalizeHandle,
  PRESENCE_STATUSES,
  type Presence,
  type PresenceBatchRequest,
  type PresenceBatchResponse,
  type PresenceUpdate,
} from '../../wire/index.js';
import { sayPresence } from '../actions/presence.js';
import { failure, invalid, ok } from '../http/reply.js';
import type { World } from '../state/world.js';
import { refusalToChange } from './own-account.js';
import type { Resource } from './resource.js';

export const getPresence: Resource<'getPresence'> = {
  handle({ world, caller, params }) {
    const handle = params.handle ?? '';
    return world.contacts.has(caller.handle, handle)
      ? ok(presenceView(world, handle))
      : failure(404, ErrorCode.NOT_FOUND, 'It is none of your contacts.');
  },
};

export const updatePresence: Resource<'updatePresence'> = {
  admit: refusalToChange,
  handle({ world, pushes, caller, body }) {
    const update = body as PresenceUpdate;
    if (!(PRESENCE_STATUSES as readonly string[]).includes(update.status)) {
      return invalid({ status: [`must be one of ${PRESENCE_STATUSES.join(', ')}`] });
    }
    const afterwards = sayPresence({ world, pushes }, caller, update);
    return { ...ok(presenceView(world, caller.handle)), afterwards };
  },
};

/** Strangers are shown as offline, and names of nobody are left out. */
export const getPresenceBatch: Resource<'getPresenceBatch'> = {
  handle({ world, caller, body }) {
    const handles = new Set((body as PresenceBatchRequest).handles.map(normalizeHandle));
    const presences = [...handles]
      .filter((handle) => world.agents.byHandle(handle) !== undefined)
      .map(
        (handle): Presence =>
          world.contacts.has(caller.handle, handle)
            ? presenceView(world, handle)
            : { handle, status: 'offline', custom_message: null, last_seen: null },
      );
    const response: PresenceBatchResponse = { presences };
    return ok(response);
  },
};

function presenceView({ presences, now }: World, handle: string): Presence {
  const { status, customMessage, lastSeen } = presences.of(handle, now());
  const last_seen = lastSeen === null ? null : new Date(lastSeen).toISOString();
  return { handle, status, custom_message: customMessage, last_seen };
}
