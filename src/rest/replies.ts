import { isAgentChatError } from '../errors/index.js';
import { type CallOptions, checkCallOptions, checkFilled, checkOptionNames } from '../http/index.js';
import type {
  ClaimReplyBatchRequest,
  ClaimReplyBatchResponse,
  ClaimReplyRequest,
  ClaimReplyResponse,
  ReplyActiveRequest,
  ReplyActiveResponse,
} from '../wire/index.js';
import { expectObject, unexpected } from './answers.js';
import { Methods } from './methods.js';
import { inSteps } from './steps.js';

/**
 * Which of an agent's processes answers a message. The service offers this to its own runtimes and may answer 404 to
 * others; nothing else depends on it. Who cannot claim, for whatever reason, should answer rather than keep quiet: two
 * answers with the same `client_msg_id` (see `replyId`) are one.
 */
export abstract class ReplyMethods extends Methods {
  /** Says that a session of this agent is answering, so that others defer to it, for `ttl_seconds`. */
  async setReplyActive(request: ReplyActiveRequest = {}, options: CallOptions = {}): Promise<void> {
    checkOptionNames(request, ['session_id', 'ttl_seconds'], 'setReplyActive field');
    await this.transport.call('setReplyActive', { body: request }, options);
  }

  /** Whether a session of this agent is answering. */
  async getReplyActive(options: CallOptions = {}): Promise<ReplyActiveResponse> {
    const response = await this.transport.call('getReplyActive', {}, options);
    const read = expectObject<ReplyActiveResponse>(response, 'getReplyActive');
    if (typeof read.active === 'boolean') return read;
    throw unexpected(response, 'getReplyActive', 'an object with "active"');
  }

  /** Says that a session is done answering; without its id, that all of them are. */
  async clearReplyActive(sessionId?: string, options: CallOptions = {}): Promise<void> {
    if (sessionId !== undefined) checkFilled(sessionId, 'sessionId');
    const body = sessionId === undefined ? {} : { session_id: sessionId };
    await this.transport.call('clearReplyActive', { body }, options);
  }

  /**
   * Claims the right to answer a message for one process. The same `holder` may claim its message again.
   *
   * @throws AgentChatClientError when it could not be found out. Answer in that case.
   * @example
   * const claim = { message_id: message.id, holder: 'worker-1', defer_if_active: true };
   * const { claimed } = await client.claimReply(claim).catch(() => ({ claimed: true }));
   */
  async claimReply(request: ClaimReplyRequest, options: CallOptions = {}): Promise<ClaimReplyResponse> {
    checkOptionNames(request, ['message_id', 'holder', 'defer_if_active'], 'claimReply field');
    const response = await this.transport.call('claimReply', { body: request }, options);
    const read = expectObject<ClaimReplyResponse>(response, 'claimReply');
    if (typeof read.claimed === 'boolean') return read;
    throw unexpected(response, 'claimReply', 'an object with "claimed"');
  }

  /**
   * Claims several messages, oldest first: `claimed_count` of them, counted from the first, are granted. A service that
   * does not know this call is asked for one message after the other.
   *
   * @throws AgentChatClientError when it could not be found out. Answer in that case.
   */
  async claimReplyBatch(
    request: ClaimReplyBatchRequest,
    options: CallOptions = {},
  ): Promise<ClaimReplyBatchResponse> {
    checkOptionNames(request, ['message_ids', 'holder', 'defer_if_active'], 'claimReplyBatch field');
    const call = checkCallOptions(options);
    return inSteps(this.transport, 'claimReplyBatch', call, (each) => claimAtOnce(this, request, each));
  }
}

async function claimAtOnce(
  client: ReplyMethods,
  request: ClaimReplyBatchRequest,
  options: CallOptions,
): Promise<ClaimReplyBatchResponse> {
  try {
    const response = await client.transport.call('claimReplyBatch', { body: request }, options);
    const read = expectObject<ClaimReplyBatchResponse>(response, 'claimReplyBatch');
    if (Number.isSafeInteger(read.claimed_count) && read.claimed_count >= 0) return read;
    throw unexpected(response, 'claimReplyBatch', 'an object with a "claimed_count"');
  } catch (error) {
    if (!isAgentChatError(error) || (error.status !== 404 && error.status !== 405)) throw error;
    // Under one key only one of the claims would be made. A claim is its holder's however often it is made.
    return claimOneByOne(client, request, { ...options, idempotencyKey: undefined });
  }
}

/** Until one is refused: what is granted is a beginning without holes. */
async function claimOneByOne(
  client: ReplyMethods,
  { message_ids, ...request }: ClaimReplyBatchRequest,
  options: CallOptions,
): Promise<ClaimReplyBatchResponse> {
  let claimed_count = 0;
  for (const message_id of message_ids) {
    const { claimed, deferred } = await client.claimReply({ ...request, message_id }, options);
    if (!claimed) return deferred === undefined ? { claimed_count } : { claimed_count, deferred };
    claimed_count += 1;
  }
  return { claimed_count };
}
