import {
  SYNC_PAGE_DEFAULT,
  type SyncAckRequest,
  type SyncAckResponse,
  type SyncQuery,
} from '../../wire/index.js';
import { invalid, ok } from '../http/reply.js';
import { isReceiving } from '../state/agents.js';
import type { Envelope } from '../state/records.js';
import type { Resource } from './resource.js';
import { syncView } from './views.js';

export const sync: Resource<'sync'> = {
  handle({ caller, query }) {
    const { limit = SYNC_PAGE_DEFAULT, after } = query as SyncQuery;
    const from = after === undefined ? undefined : caller.inbox.byCursor(after);
    // Neither the beginning nor the end would be true: the one repeats everything, the other hides it.
    if (after !== undefined && from === undefined)
      return invalid({ after: ['is no delivery cursor of yours'] });
    if (!isReceiving(caller)) return ok([]);
    const page: Envelope[] = [];
    for (const envelope of caller.inbox.undelivered(from)) {
      page.push(envelope);
      if (page.length === limit) break;
    }
    return ok(page.map((envelope) => syncView(caller, envelope)));
  },
};

export const syncAck: Resource<'syncAck'> = {
  handle({ world, caller, body }) {
    const { last_delivery_id } = body as SyncAckRequest;
    const through = caller.inbox.byCursor(last_delivery_id);
    const acked =
      through === undefined || !isReceiving(caller)
        ? 0
        : caller.inbox.markDeliveredThrough(through, world.timestamp());
    const response: SyncAckResponse = { acked };
    return ok(response);
  },
};
