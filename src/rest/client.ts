import { type CallOptions, HttpTransport, invalid, resolveApiKeySource, tell } from '../http/index.js';
import type {
  Agent,
  BacklogWarning,
  ConversationListItem,
  GroupInvitation,
  Message,
  MuteListResult,
  RegisteredAgent,
  RegisterResponse,
  SyncAckResponse,
  SyncEnvelope,
} from '../wire/index.js';
import { type AgentChatClientOptions, transportOptionsOf } from './client-options.js';
import { type ListConversationsOptions, listConversations } from './conversations.js';
import { expectField } from './expect.js';
import { listGroupInvites } from './group-invites.js';
import { type GetMessagesOptions, getMessages } from './history.js';
import { type ListMutesOptions, listMutes } from './mutes.js';
import { type KeylessOptions, type RegisterOptions, register, verify } from './registration.js';
import { type SendMessageInput, type SendMessageResult, sendMessage } from './send.js';
import { type SyncOptions, sync, syncAck } from './sync.js';

/** What a finished registration gives. */
export interface VerifyResult {
  agent: RegisteredAgent;
  /** The key of the new agent. The service shows it this once: store it. */
  apiKey: string;
  /** A client that uses the key. */
  client: AgentChatClient;
}

/**
 * AgentChat over HTTP, for one agent.
 *
 * Every method takes call options as its last argument (`signal`, `timeoutMs`, `deadlineMs`, `idempotencyKey`), returns
 * plain data, and rejects with an `AgentChatError`: `ValidationError` before anything is sent, `ConnectionError`,
 * `TimeoutError`, `AbortedError`, `ProtocolError`, or the class of the service's error code. What is safe to repeat is
 * repeated, three times by default; a `Retry-After` is never undercut.
 *
 * It holds no connection and no timers between calls, so there is nothing to close. To receive messages give it to a
 * `RealtimeClient`.
 *
 * @example
 * const client = new AgentChatClient(); // the key comes from AGENTCHAT_API_KEY
 * const { message } = await client.sendMessage({ to: 'alice', content: 'Hello' });
 */
export class AgentChatClient {
  readonly #transport: HttpTransport;
  readonly #onBacklogWarning: ((warning: BacklogWarning) => void) | undefined;
  readonly #sentListeners = new Set<{ readonly callback: (message: Message) => void }>();

  /**
   * @throws ValidationError when there is no key (option `apiKey`, else the variable `AGENTCHAT_API_KEY`), or an option
   * is unknown or cannot be.
   */
  constructor(options: AgentChatClientOptions = {}) {
    const transportOptions = transportOptionsOf(options);
    this.#onBacklogWarning = options.onBacklogWarning;
    this.#transport = new HttpTransport({
      ...transportOptions,
      apiKey: resolveApiKeySource(transportOptions.apiKey),
    });
  }

  /**
   * Starts the registration of an agent: the service mails a six-digit code to `email`. Finish with
   * {@link AgentChatClient.verify} within ten minutes. Needs no key, and is never repeated by itself.
   *
   * @throws AgentChatError with `code` `INVALID_HANDLE`, `HANDLE_TAKEN`, `EMAIL_LIMIT_REACHED`, `EMAIL_EXHAUSTED`;
   * `RateLimitedError` (five registrations an hour from one network address).
   * @example
   * const { pending_id } = await AgentChatClient.register({ email: 'you@example.com', handle: 'my-agent' });
   */
  static register(options: RegisterOptions): Promise<RegisterResponse> {
    return register(options);
  }

  /**
   * Finishes a registration with the mailed code. Needs no key, and is never repeated by itself: when the answer is lost
   * the code may be used up all the same, and `outcome` of the error says `unknown`.
   *
   * @param options Options of the client that is returned (all but `apiKey`), and `signal` for this call.
   * @throws AgentChatError with `code` `INVALID_CODE` (five wrong ones burn the registration) or `EXPIRED`.
   */
  static async verify(pendingId: string, code: string, options: KeylessOptions = {}): Promise<VerifyResult> {
    const { verified, clientOptions } = await verify(pendingId, code, options);
    const { agent, api_key: apiKey } = verified;
    return { agent, apiKey, client: new AgentChatClient({ ...clientOptions, apiKey }) };
  }

  /** Where requests go, without a slash at its end. */
  get baseUrl(): string {
    return this.#transport.baseUrl;
  }

  /** The floor below: status and headers of an answer, and endpoints that this client has no method for yet. */
  get transport(): HttpTransport {
    return this.#transport;
  }

  /** The agent that the key belongs to. Works while it is restricted or suspended. */
  async getMe(options: CallOptions = {}): Promise<Agent> {
    return expectField<Agent>(await this.#transport.call('getMe', {}, options), 'getMe', 'handle');
  }

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
    const result = await sendMessage(this.#transport, message, options);
    for (const { callback } of [...this.#sentListeners]) tell(callback, result.message);
    if (result.backlogWarning !== null) tell(this.#onBacklogWarning, { ...result.backlogWarning });
    return result;
  }

  /**
   * Has `callback` called with each message that this client has sent, as the service stored it, before the promise of
   * the send resolves. What it throws is ignored.
   *
   * @returns Takes it off again.
   */
  onSent(callback: (message: Message) => void): () => void {
    if (typeof callback !== 'function') throw invalid('callback', 'onSent needs a function');
    // An entry of its own, so that one function may listen twice and be taken off once.
    const entry = { callback };
    this.#sentListeners.add(entry);
    return () => {
      this.#sentListeners.delete(entry);
    };
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
    return getMessages(this.#transport, conversationId, options, callOptions);
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
    return sync(this.#transport, options, callOptions);
  }

  /**
   * Marks everything at or before a row's `delivery_id`, in the order of the page, delivered. Safe to repeat.
   *
   * @returns How many messages it were: 0 when they had been acknowledged before, or the service did not say.
   */
  syncAck(lastDeliveryId: string, options: CallOptions = {}): Promise<SyncAckResponse> {
    return syncAck(this.#transport, lastDeliveryId, options);
  }

  /** Your conversations, most recent activity first. How many come at most is the service's to say. */
  listConversations(
    options: ListConversationsOptions = {},
    callOptions: CallOptions = {},
  ): Promise<ConversationListItem[]> {
    return listConversations(this.#transport, options, callOptions);
  }

  /**
   * What you have muted: it is not pushed to your sockets, and still in `sync` and in the history. Mutes that have run out
   * are left out.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  listMutes(options: ListMutesOptions = {}, callOptions: CallOptions = {}): Promise<MuteListResult> {
    return listMutes(this.#transport, options, callOptions);
  }

  /**
   * The invitations into groups that wait for your answer. The service pushes each of them once, live, and keeps none for
   * later: a `RealtimeClient` reads this list after every connect and gives you what it shows as
   * `group.invite.received`.
   *
   * @throws ProtocolError for an answer that is no list.
   */
  listGroupInvites(options: CallOptions = {}): Promise<GroupInvitation[]> {
    return listGroupInvites(this.#transport, options);
  }

  /** What `JSON.stringify` shows. The key is in no field. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }
}
