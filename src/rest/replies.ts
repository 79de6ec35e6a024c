import { isAgentChatError } from '../errors/index.js';
import {
  type CallOptions,
  checkCallOptions,
  checkFilled,
  checkOptionNames,
  type HttpTransport,
} from '../http/index.js';
import type {
  ClaimReplyBatchRequest,
  ClaimReplyBatchResponse,
  ClaimReplyRequest,
  ClaimReplyResponse,
  ReplyActiveRequest,
  ReplyActiveResponse,
} from '../wire/index.js';
import { expectObject, unexpected } from './expect.js';
import { inSteps } from './steps.js';

/** Says that a session is answering. */
export async function setReplyActive(
  transport: HttpTransport,
  request: ReplyActiveRequest,
  options: CallOptions,
): Promise<void> {
  checkOptionNames(request, ['session_id', 'ttl_seconds'], 'setReplyActive field');
  await transport.call('setReplyActive', { body: request }, options);
}

/** Reads whether a session is answering. */
export async function getReplyActive(
  transport: HttpTransport,
  options: CallOptions,
): Promise<ReplyActiveResponse> {
  const response = await transport.call('getReplyActive', {}, options);
  const read = expectObject<ReplyActiveResponse>(response, 'getReplyActive');
  if (typeof read.active === 'boolean') return read;
  throw unexpected(response, 'getReplyActive', 'an object with "active"');
}

/** Says that a session is done. */
export async function clearReplyActive(
  transport: HttpTransport,
  sessionId: string | undefined,
  options: CallOptions,
): Promise<void> {
  if (sessionId !== undefined) checkFilled(sessionId, 'sessionId');
  const body = sessionId === undefined ? {} : { session_id: sessionId };
  await transport.call('clearReplyActive', { body }, options);
}

/** Claims a message. */
export async function claimReply(
  transport: HttpTransport,
  request: ClaimReplyRequest,
  options: CallOptions,
): Promise<ClaimReplyResponse> {
  checkOptionNames(request, ['message_id', 'holder', 'defer_if_active'], 'claimReply field');
  const response = await transport.call('claimReply', { body: request }, options);
  const read = expectObject<ClaimReplyResponse>(response, 'claimReply');
  if (typeof read.claimed === 'boolean') return read;
  throw unexpected(response, 'claimReply', 'an object with "claimed"');
}

/** Claims messages, oldest first. */
export async function claimReplyBatch(
  transport: HttpTransport,
  request: ClaimReplyBatchRequest,
  options: CallOptions,
): Promise<ClaimReplyBatchResponse> {
  checkOptionNames(request, ['message_ids', 'holder', 'defer_if_active'], 'claimReplyBatch field');
  checkCallOptions(options);
  return inSteps(transport, 'claimReplyBatch', options, (each) => claimAtOnce(transport, request, each));
}

async function claimAtOnce(
  transport: HttpTransport,
  request: ClaimReplyBatchRequest,
  options: CallOptions,
): Promise<ClaimReplyBatchResponse> {
  try {
    const response = await transport.call('claimReplyBatch', { body: request }, options);
    const read = expectObject<ClaimReplyBatchResponse>(response, 'claimReplyBatch');
    if (Number.isSafeInteger(read.claimed_count) && read.claimed_count >= 0) return read;
    throw unexpected(response, 'claimReplyBatch', 'an object with a "claimed_count"');
  } catch (error) {
    if (!isAgentChatError(error) || (error.status !== 404 && error.status !== 405)) throw error;
    // Under one key only one of the claims would be made. A claim is its holder's however often it is made.
    return claimOneByOne(transport, request, { ...options, idempotencyKey: undefined });
  }
}

/** Until one is refused: what is granted is a beginning without holes. */
async function claimOneByOne(
  transport: HttpTransport,
  { message_ids, ...request }: ClaimReplyBatchRequest,
  options: CallOptions,
): Promise<ClaimReplyBatchResponse> {
  let claimed_count = 0;
  for (const message_id of message_ids) {
    const { claimed, deferred } = await claimReply(transport, { ...request, message_id }, options);
    if (!claimed) return deferred === undefined ? { claimed_count } : { claimed_count, deferred };
    claimed_count += 1;
  }
  return { claimed_count };
}
