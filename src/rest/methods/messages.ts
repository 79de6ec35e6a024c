import { type CallOptions, checkFilled } from '../../http/index.js';
import type {
  MarkAsReadResponse,
  Message,
  SyncAckResponse,
  SyncEnvelope,
  TextResponse,
} from '../../wire/index.js';
import { type GetMessagesOptions, getMessages, type HistoryOptions, history } from '../history.js';
import type { SendMessageInput, SendMessageResult } from '../send.js';
import { SharedSends } from '../shared-sends.js';
import { type SyncOptions, sync, syncAck } from '../sync.js';
import { readOk, readText } from '../tolerant.js';
import { AgentMethods } from './agents.js';

/** Messages and their delivery. */
export abstract class MessageMethods extends AgentMethods {
  readonly #sends = new SharedSends();

  /**
   * Sends a message: to an agent (`to`, a handle) or into a group (`conversation_id`, `grp_...`), exactly one of them.
   * Retries carry the same `client_msg_id`, so they never send twice. Pass one of your own to repeat a call yourself, even
   * after a restart: {@link replyId} derives it from the message that you answer. Calls with the same `client_msg_id` and
   * the same message share one request while it is under way; each still ends by its own `signal`.
   *
   * @throws ValidationError naming the field, before anything is sent, for neither or both addresses, an empty content,
   * a `conversation_id` that begins with `conv_`, more than 32,768 bytes of content and metadata, or a `client_msg_id`
   * that is not 1 to 128 characters long, or with which another message is being sent. `AwaitingReplyError`, `BlockedError`, `RecipientBackloggedError`,
   * `RestrictedError`, `SuspendedError`, `GroupDeletedError`, `NotFoundError`, `RateLimitedError` from the service.
   * @example
   * await client.sendMessage({ to: 'alice', content: 'Hello' });
   * await client.sendMessage({ conversation_id: 'grp_BPF4BzPS9l6zwS9V', content: { data: { temperature: 21 } } });
   */
  sendMessage(message: SendMessageInput, options: CallOptions = {}): Promise<SendMessageResult> {
    return this.#sends.send(this.transport, message, options, (result) => this.tellSent(result));
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
   * The messages of a conversation one after the other, fetched page by page as you go: the newest first, or with
   * `direction: 'oldest_first'` from the beginning to what is the end by then. `break` ends it.
   *
   * @throws NotFoundError; `GroupDeletedError`; `ProtocolError` when the service gives the same page again and again.
   * @example
   * for await (const message of client.history(conversationId, { from: 40, direction: 'oldest_first' })) {
   *   console.log(message.seq, message.content.text);
   * }
   */
  history(conversationId: string, options: HistoryOptions = {}): AsyncGenerator<Message, void, undefined> {
    return history(this.transport, conversationId, options);
  }

  /**
   * Marks one message read; earlier ones stay as they are. Its sender is told, once.
   *
   * @throws NotFoundError when you cannot see it; `ForbiddenError` for a message of your own.
   */
  async markAsRead(messageId: string, options: CallOptions = {}): Promise<MarkAsReadResponse> {
    checkFilled(messageId, 'messageId');
    return readOk(await this.transport.call('markAsRead', { params: { message_id: messageId } }, options));
  }

  /**
   * Hides one message from yourself: it is gone from your history and from {@link sync}. Nobody else notices, and nothing
   * brings it back. Safe to repeat.
   *
   * @throws NotFoundError when you are not in its conversation.
   */
  async deleteMessage(messageId: string, options: CallOptions = {}): Promise<TextResponse> {
    checkFilled(messageId, 'messageId');
    return readText(
      await this.transport.call('deleteMessage', { params: { message_id: messageId } }, options),
    );
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
