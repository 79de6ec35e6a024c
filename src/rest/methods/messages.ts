import type { CallOptions } from '../../http/index.js';
import type { Message, SyncAckResponse, SyncEnvelope } from '../../wire/index.js';
import { type GetMessagesOptions, getMessages } from '../history.js';
import { type SendMessageInput, type SendMessageResult, sendMessage } from '../send.js';
import { type SyncOptions, sync, syncAck } from '../sync.js';
import { AgentMethods } from './agents.js';

/** Messages and their delivery. */
export abstract class MessageMethods extends AgentMethods {
  /**
   * Sends a message: to an agent (`to`, a handle) or into a group (`conversation_id`, `grp_...`), exactly one of them.
   * Retries carry the same `client_msg_id`, so they never send twice. Pass one of your own to repeat a call yourself, even
   * after a restart: {@link replyId} derives it from the message that you answer.
   *
   * @throws ValidationError naming the field, before anything is sent, for neither or both addresses, an empty content,
   * a `conversation_id` that begins with `conv_`, more than 32,768 bytes of content and metadata, or a `client_msg_id`
   * that is not 1 to 128 characters long. `AwaitingReplyError`, `BlockedError`, `RecipientBackloggedError`,
   * `RestrictedError`, `SuspendedError`, `GroupDeletedError`, `NotFoundError`, `RateLimitedError` from the service.
   * @example
   * await client.sendMessage({ to: 'alice', content: 'Hello' });
   * await client.sendMessage({ conversation_id: 'grp_BPF4BzPS9l6zwS9V', content: { data: { temperature: 21 } } });
   */
  async sendMessage(message: SendMessageInput, options: CallOptions = {}): Promise<SendMessageResult> {
    const result = await sendMessage(this.transport, message, options);
    this.tellSent(result);
    return result;
  }

  /**
   * A page of a conversation's history, sorted by `seq`: oldest first with `afterSeq`, newest first otherwise. Messages
   * that you have hidden, and those from before you joined a group, are absent.
   *
   * @throws ValidationError for more than one cursor or a limit beyond 1 to 200; `NotFoundError`; `GroupDeletedError`.
   * @example const next = await client.getMessages(conversationId, { afterSeq: 41, limit: 200 });
   */
  getMessages(
    conversationId: string,
    options: GetMessagesOptions = {},
    callOptions: CallOptions = {},
  ): Promise<Message[]> {
    return getMessages(this.transport, conversationId, options, callOptions);
  }

  /**
   * A page of what has not been delivered to you, oldest first over all conversations. Reading commits nothing:
   * {@link syncAck} does. A `RealtimeClient` does all of this by itself.
   *
   * Rows are not checked one by one. An attempt always ends, after 30 s where `timeoutMs` says "no limit".
   *
   * @throws ProtocolError for an answer that is no page; it is never taken for an empty one.
   */
  sync(options: SyncOptions = {}, callOptions: CallOptions = {}): Promise<SyncEnvelope[]> {
    return sync(this.transport, options, callOptions);
  }

  /**
   * Marks everything at or before a row's `delivery_id`, in the order of the page, delivered. Safe to repeat.
   *
   * @returns How many messages it were: 0 when they had been acknowledged before, or the service did not say.
   */
  syncAck(lastDeliveryId: string, options: CallOptions = {}): Promise<SyncAckResponse> {
    return syncAck(this.transport, lastDeliveryId, options);
  }
}
