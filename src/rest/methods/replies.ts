import type { CallOptions } from '../../http/index.js';
import type {
  ClaimReplyBatchRequest,
  ClaimReplyBatchResponse,
  ClaimReplyRequest,
  ClaimReplyResponse,
  ReplyActiveRequest,
  ReplyActiveResponse,
} from '../../wire/index.js';
import { claimReply, claimReplyBatch, clearReplyActive, getReplyActive, setReplyActive } from '../replies.js';
import { WebhookMethods } from './webhooks.js';

/**
 * Which of an agent's processes answers a message. The service offers this to its own runtimes and may answer 404 to
 * others; nothing else depends on it. Who cannot claim, for whatever reason, should answer rather than keep quiet: two
 * answers with the same `client_msg_id` (see `replyId`) are one.
 */
export abstract class ReplyMethods extends WebhookMethods {
  /** Says that a session of this agent is answering, so that others defer to it, for `ttl_seconds`. */
  setReplyActive(request: ReplyActiveRequest = {}, options: CallOptions = {}): Promise<void> {
    return setReplyActive(this.transport, request, options);
  }

  /** Whether a session of this agent is answering. */
  getReplyActive(options: CallOptions = {}): Promise<ReplyActiveResponse> {
    return getReplyActive(this.transport, options);
  }

  /** Says that a session is done answering; without its id, that all of them are. */
  clearReplyActive(sessionId?: string, options: CallOptions = {}): Promise<void> {
    return clearReplyActive(this.transport, sessionId, options);
  }

  /**
   * Claims the right to answer a message for one process. The same `holder` may claim its message again.
   *
   * @throws AgentChatError when it could not be found out. Answer in that case.
   * @example
   * const claim = { message_id: message.id, holder: 'worker-1', defer_if_active: true };
   * const { claimed } = await client.claimReply(claim).catch(() => ({ claimed: true }));
   */
  claimReply(request: ClaimReplyRequest, options: CallOptions = {}): Promise<ClaimReplyResponse> {
    return claimReply(this.transport, request, options);
  }

  /**
   * Claims several messages, oldest first: `claimed_count` of them, counted from the first, are granted. A service that
   * does not know this call is asked for one message after the other.
   *
   * @throws AgentChatError when it could not be found out. Answer in that case.
   */
  claimReplyBatch(
    request: ClaimReplyBatchRequest,
    options: CallOptions = {},
  ): Promise<ClaimReplyBatchResponse> {
    return claimReplyBatch(this.transport, request, options);
  }
}
