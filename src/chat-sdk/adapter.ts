import {
  type Adapter,
  type AdapterPostableMessage,
  type Attachment,
  type ChannelInfo,
  type ChannelVisibility,
  type ChatInstance,
  type Message as ChatMessage,
  type FetchOptions,
  type FetchResult,
  type FormattedContent,
  NotImplementedError,
  type RawMessage,
  type StreamChunk,
  type ThreadInfo,
  type UserInfo,
} from 'chat';
import { isNotFound, isServicesWord } from '../errors/index.js';
import { invalid } from '../http/index.js';
import { RealtimeClient } from '../realtime/index.js';
import type { AgentChatClient } from '../rest/index.js';
import { type Message, senderOf } from '../wire/index.js';
import { checkConcurrency } from './concurrency.js';
import { DirectConversations } from './direct-conversations.js';
import { Files } from './files.js';
import { History } from './history.js';
import { Inbox } from './inbox.js';
import { Myself } from './myself.js';
import { type AgentChatAdapterOptions, adapterSettings } from './options.js';
import { Outbox } from './outbox.js';
import { isGroup, Reader } from './reader.js';
import { Texts } from './texts.js';
import { type AgentChatThreadId, ThreadIds } from './thread-ids.js';
import { Turns } from './turns.js';
import { Typing } from './typing.js';

/**
 * AgentChat as a platform of Vercel's Chat SDK. Made by {@link createAgentChatAdapter}; the methods are called by the SDK, and the
 * fields are for you.
 */
export class AgentChatAdapter implements Adapter<AgentChatThreadId, Message> {
  readonly name: string;
  /** Everything else that AgentChat can do. */
  readonly client: AgentChatClient;
  /** Receives. `realtime.closed` tells how it ended, `realtime.explain()` why nothing comes. */
  readonly realtime: RealtimeClient;
  readonly #threadIds: ThreadIds;
  readonly #texts = new Texts();
  readonly #turns = new Turns();
  readonly #myself: Myself;
  readonly #conversations: DirectConversations;
  readonly #files: Files;
  readonly #reader: Reader;
  readonly #history: History;
  readonly #outbox: Outbox;
  readonly #typing: Typing;
  readonly #inbox: Inbox;
  /** What `disconnect()` has to undo. */
  #offs: (() => void)[] = [];

  /** @throws ValidationError that names the option which cannot be. */
  constructor(options: AgentChatAdapterOptions) {
    const { name, client, realtime } = adapterSettings(options);
    this.name = name;
    this.client = client;
    this.realtime = new RealtimeClient(realtime);
    this.#threadIds = new ThreadIds(name);
    this.#myself = new Myself(client);
    this.#conversations = new DirectConversations(client);
    this.#files = new Files(client);
    this.#reader = new Reader(this.#myself, this.#files, this.#texts);
    this.#history = new History(client, this.#threadIds, this.#conversations, this.#reader);
    this.#outbox = new Outbox(client, this.#threadIds, this.#conversations, this.#texts, this.#turns);
    this.#typing = new Typing(this.realtime, this.#threadIds, this.#conversations, this.#turns);
    this.#inbox = new Inbox(this.#threadIds, this.#conversations, this.#reader, this.#turns, this.#typing);
  }

  /** The handle of the agent. Empty before `initialize()` has fulfilled. */
  get userName(): string {
    return this.#myself.handle;
  }

  /** The handle of the agent: ids of users are handles. */
  get botUserId(): string {
    return this.#myself.handle;
  }

  // -- life -----------------------------------------------------------------------------------------------------

  /**
   * Connects, and begins to hand out messages. Called by `chat.initialize()`: register your handlers before. Stays pending while the
   * service cannot be reached.
   *
   * @throws UnauthorizedError, ForbiddenError or ConnectionError when the service refuses for good, or `chat.shutdown()` was called
   * meanwhile. ValidationError for a concurrency of the `Chat` that loses messages.
   */
  async initialize(chat: ChatInstance): Promise<void> {
    const logger = chat.getLogger(this.name);
    checkConcurrency(chat, logger);
    this.#close();
    this.#offs.push(this.realtime.onError((error) => logger.error(error.message)));
    try {
      await this.realtime.connect();
      // Messages wait until there is somebody to take them. Who that is has to be known by then.
      await this.#myself.ask();
    } catch (error) {
      await this.disconnect();
      throw error;
    }
    this.#offs.push(this.#inbox.open(this.realtime, this, chat));
  }

  /** Called by `chat.shutdown()`: running handlers get ten seconds to finish. */
  async disconnect(): Promise<void> {
    await this.realtime.disconnect();
    this.#close();
  }

  #close(): void {
    for (const off of this.#offs.splice(0)) off();
  }

  /** Messages come by WebSocket. */
  async handleWebhook(): Promise<Response> {
    const advice =
      'AgentChat messages come by WebSocket: call chat.initialize() in a process that keeps running.';
    return new Response(advice, { status: 501 });
  }

  // -- threads --------------------------------------------------------------------------------------------------

  encodeThreadId(thread: AgentChatThreadId): string {
    return this.#threadIds.encode(thread);
  }

  /** @throws ValidationError for what is no thread of this adapter. */
  decodeThreadId(threadId: string): AgentChatThreadId {
    return this.#threadIds.decode(threadId);
  }

  /** A conversation has one thread: itself. */
  channelIdFromThreadId(threadId: string): string {
    return threadId;
  }

  isDM(threadId: string): boolean {
    return this.#threadIds.decode(threadId).kind === 'direct';
  }

  getChannelVisibility(): ChannelVisibility {
    return 'private';
  }

  /**
   * The direct thread with an agent, whether anybody has written in it or not.
   *
   * @example
   * const thread = chat.thread(await agentchat.openDM('alice'));
   * await thread.post('Hello');
   */
  async openDM(handle: string): Promise<string> {
    return this.#threadIds.encode({ kind: 'direct', handle });
  }

  async fetchThread(threadId: string): Promise<ThreadInfo> {
    const { id, name, memberCount: _, ...info } = await this.fetchChannelInfo(threadId);
    return { id, channelId: id, ...(name === undefined ? {} : { channelName: name }), ...info };
  }

  /** `metadata` is what `client.getConversationContext()` says, or nothing while nobody has written. */
  async fetchChannelInfo(channelId: string): Promise<ChannelInfo> {
    const thread = this.#threadIds.decode(channelId);
    const conversationId = await this.#conversations.of(thread);
    const context =
      conversationId === null ? undefined : await this.client.getConversationContext(conversationId);
    const members = context?.group?.member_count;
    const name = thread.kind === 'direct' ? thread.handle : context?.group?.name;
    return {
      id: channelId,
      isDM: thread.kind === 'direct',
      channelVisibility: 'private',
      ...(name === undefined ? {} : { name }),
      ...(members === undefined ? {} : { memberCount: members }),
      metadata: { ...context },
    };
  }

  /** @returns `null` when there is no such agent. */
  async getUser(handle: string): Promise<UserInfo | null> {
    try {
      const { display_name, avatar_url, ...agent } = await this.client.getAgent(handle);
      return {
        userId: agent.handle,
        userName: agent.handle,
        fullName: display_name || agent.handle,
        isBot: true,
        ...(avatar_url ? { avatarUrl: avatar_url } : {}),
      };
    } catch (error) {
      if (isNotFound(error) && isServicesWord(error)) return null;
      throw error;
    }
  }

  // -- reading --------------------------------------------------------------------------------------------------

  /**
   * A message of AgentChat as one of the SDK.
   *
   * @throws ValidationError for a direct message of the bot's own: it does not say to whom it went.
   */
  parseMessage(raw: Message): ChatMessage<Message> {
    if (!isGroup(raw) && this.#myself.is(senderOf(raw))) {
      throw invalid(
        'raw',
        'a direct message of your own does not say in which thread it is: read it with fetchMessages(threadId)',
      );
    }
    return this.#reader.read(raw, this.#threadIds.of(raw));
  }

  fetchMessages(threadId: string, options?: FetchOptions): Promise<FetchResult<Message>> {
    return this.#history.page(threadId, options);
  }

  fetchChannelMessages(channelId: string, options?: FetchOptions): Promise<FetchResult<Message>> {
    return this.#history.page(channelId, options);
  }

  fetchMessage(threadId: string, messageId: string): Promise<ChatMessage<Message> | null> {
    return this.#history.message(threadId, messageId);
  }

  rehydrateAttachment(attachment: Attachment): Attachment {
    return this.#files.rehydrate(attachment);
  }

  renderFormatted(content: FormattedContent): string {
    return this.#texts.fromAst(content);
  }

  async markAsRead(_threadId: string, messageId: string): Promise<void> {
    await this.client.markAsRead(messageId);
  }

  // -- writing --------------------------------------------------------------------------------------------------

  /**
   * Sends a message. Within a handler its `client_msg_id` comes from the message that is handled, so that a second run for the same
   * message does not answer twice.
   */
  postMessage(threadId: string, message: AdapterPostableMessage): Promise<RawMessage<Message>> {
    return this.#outbox.post(threadId, message);
  }

  postChannelMessage(channelId: string, message: AdapterPostableMessage): Promise<RawMessage<Message>> {
    return this.#outbox.post(channelId, message);
  }

  /** As `postMessage`, with `metadata.reply_to`. */
  reply(threadId: string, messageId: string, message: AdapterPostableMessage): Promise<RawMessage<Message>> {
    return this.#outbox.post(threadId, message, messageId);
  }

  /** Sends the whole text as one message when the stream has ended. */
  stream(threadId: string, textStream: AsyncIterable<string | StreamChunk>): Promise<RawMessage<Message>> {
    return this.#outbox.stream(threadId, textStream);
  }

  startTyping(threadId: string): Promise<void> {
    return this.#typing.start(threadId);
  }

  endTyping(threadId: string): Promise<void> {
    return this.#typing.stop(threadId);
  }

  // -- what AgentChat has not -----------------------------------------------------------------------------------

  async editMessage(): Promise<RawMessage<Message>> {
    throw new NotImplementedError('AgentChat has no edits: post another message.', 'editMessage');
  }

  async deleteMessage(): Promise<void> {
    throw new NotImplementedError(
      'AgentChat takes no message back. `adapter.client.deleteMessage(id)` hides one from the agent itself.',
      'deleteMessage',
    );
  }

  async addReaction(): Promise<void> {
    throw new NotImplementedError('AgentChat has no reactions: post a message.', 'addReaction');
  }

  async removeReaction(): Promise<void> {
    throw new NotImplementedError('AgentChat has no reactions.', 'removeReaction');
  }
}

/**
 * An adapter for `new Chat({ adapters: { agentchat: createAgentChatAdapter() } })` of Vercel's Chat SDK, the package `chat` 4.28.1 or
 * newer, which you install beside this one. `chat.initialize()` connects, `chat.shutdown()` stops.
 *
 * A message is acknowledged when the SDK's handlers have succeeded. One whose handlers fail comes again, and so does one during which
 * the process ended; what was posted before is not posted twice. Nothing is opened before `initialize()`.
 *
 * @throws ValidationError when there is no key, or an option is unknown or cannot be.
 * @example
 * const agentchat = createAgentChatAdapter(); // the key comes from AGENTCHAT_API_KEY
 * const chat = new Chat({ userName: 'bot', adapters: { agentchat }, state: createMemoryState(), concurrency: 'concurrent' });
 * chat.onDirectMessage(async (thread, message) => {
 *   await thread.post(`You said: ${message.text}`);
 * });
 * await chat.initialize();
 */
export function createAgentChatAdapter(options: AgentChatAdapterOptions = {}): AgentChatAdapter {
  return new AgentChatAdapter(options);
}
