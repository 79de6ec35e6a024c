import type {
  ClaimReplyBatchRequest,
  ClaimReplyBatchResponse,
  ClaimReplyRequest,
  ClaimReplyResponse,
  ClearReplyActiveRequest,
  ReplyActiveRequest,
  ReplyActiveResponse,
} from '../../wire/index.js';
import { ok } from '../http/reply.js';
import type { AgentCall, Resource } from './resource.js';

export const setReplyActive: Resource<'setReplyActive'> = {
  handle({ world, caller, body }) {
    const { session_id, ttl_seconds } = body as ReplyActiveRequest;
    const forMs = ttl_seconds === undefined ? undefined : ttl_seconds * 1_000;
    world.replyClaims.setActive(caller.handle, session_id, forMs, world.now());
    return ok({ ok: true });
  },
};

export const getReplyActive: Resource<'getReplyActive'> = {
  handle({ world, caller }) {
    const body: ReplyActiveResponse = { active: world.replyClaims.isActive(caller.handle, world.now()) };
    return ok(body);
  },
};

export const clearReplyActive: Resource<'clearReplyActive'> = {
  handle({ world, caller, body }) {
    const { session_id } = (body ?? {}) as ClearReplyActiveRequest;
    world.replyClaims.clearActive(caller.handle, session_id);
    return ok({ ok: true });
  },
};

export const claimReply: Resource<'claimReply'> = {
  handle(call) {
    const { message_id, holder, defer_if_active } = call.body as ClaimReplyRequest;
    const body: ClaimReplyResponse = isDeferred(call, defer_if_active)
      ? { claimed: false, deferred: true }
      : { claimed: call.world.replyClaims.claim(call.caller.handle, message_id, holder) };
    return ok(body);
  },
};

export const claimReplyBatch: Resource<'claimReplyBatch'> = {
  handle(call) {
    const { world, caller } = call;
    const { message_ids, holder, defer_if_active } = call.body as ClaimReplyBatchRequest;
    if (isDeferred(call, defer_if_active)) {
      const deferred: ClaimReplyBatchResponse = { claimed_count: 0, deferred: true };
      return ok(deferred);
    }
    const refused = message_ids.findIndex((id) => !world.replyClaims.claim(caller.handle, id, holder));
    const body: ClaimReplyBatchResponse = { claimed_count: refused < 0 ? message_ids.length : refused };
    return ok(body);
  },
};

function isDeferred({ world, caller }: AgentCall, deferIfActive: boolean | undefined): boolean {
  return deferIfActive === true && world.replyClaims.isActive(caller.handle, world.now());
}
