import type { AdapterPostableMessage, RawMessage, StreamChunk } from 'chat';
import type { AgentChatClient } from '../rest/index.js';
import type { Message } from '../wire/index.js';
import type { DirectConversations } from './direct-conversations.js';
import { filesOf, type OutgoingFile } from './files.js';
import type { Texts } from './texts.js';
import type { AgentChatThreadId, ThreadIds } from './thread-ids.js';
import type { Place, Turns } from './turns.js';

/** What the bot says. */
export class Outbox {
  readonly #client: AgentChatClient;
  readonly #threadIds: ThreadIds;
  readonly #conversations: DirectConversations;
  readonly #texts: Texts;
  readonly #turns: Turns;

  constructor(
    client: AgentChatClient,
    threadIds: ThreadIds,
    conversations: DirectConversations,
    texts: Texts,
    turns: Turns,
  ) {
    this.#client = client;
    this.#threadIds = threadIds;
    this.#conversations = conversations;
    this.#texts = texts;
    this.#turns = turns;
  }

  /** @param replyTo The id of the message that is replied to. */
  post(threadId: string, message: AdapterPostableMessage, replyTo?: string): Promise<RawMessage<Message>> {
    return this.#say(threadId, replyTo, async (post) => {
      const files = await filesOf(message);
      return post.send(this.#textOf(message), files);
    });
  }

  /** AgentChat has no messages that grow: what streams is sent when it is complete. */
  stream(threadId: string, chunks: AsyncIterable<string | StreamChunk>): Promise<RawMessage<Message>> {
    return this.#say(threadId, undefined, async (post) => {
      let text = '';
      for await (const chunk of chunks) {
        if (typeof chunk === 'string') text += chunk;
        else if (chunk.type === 'markdown_text') text += chunk.text;
      }
      return post.send(this.#texts.withMentions(text), []);
    });
  }

  async #say(
    threadId: string,
    replyTo: string | undefined,
    send: (post: Post) => Promise<Message>,
  ): Promise<RawMessage<Message>> {
    const thread = this.#threadIds.decode(threadId);
    const turn = this.#turns.current;
    const place = turn?.take(this.#threadIds.encode(thread));
    try {
      // Nothing is sent once the turn is interrupted. The SDK ends a stream early then, and half an answer would stand for the answer.
      const sent = await send(new Post(this.#client, thread, place, turn?.signal, replyTo));
      if (thread.kind === 'direct') this.#conversations.learn(thread.handle, sent.conversation_id);
      return { id: sent.id, raw: sent, threadId };
    } catch (error) {
      place?.giveBack();
      throw error;
    }
  }

  #textOf(message: AdapterPostableMessage): string {
    const text = this.#texts.renderPostable(message);
    return typeof message === 'object' && 'raw' in message ? text : this.#texts.withMentions(text);
  }
}

/** One post: a message, or one for each of its files. */
class Post {
  readonly #client: AgentChatClient;
  readonly #to: { readonly to: string } | { readonly conversation_id: string };
  readonly #place: Place | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #metadata: { readonly metadata?: Record<string, unknown> };

  constructor(
    client: AgentChatClient,
    thread: AgentChatThreadId,
    place: Place | undefined,
    signal: AbortSignal | undefined,
    replyTo: string | undefined,
  ) {
    this.#client = client;
    this.#to = thread.kind === 'group' ? { conversation_id: thread.conversationId } : { to: thread.handle };
    this.#place = place;
    this.#signal = signal;
    this.#metadata = replyTo === undefined ? {} : { metadata: { reply_to: replyTo } };
  }

  /** @returns The first message: that with the text. */
  async send(text: string, [file, ...more]: readonly OutgoingFile[]): Promise<Message> {
    if (file === undefined) return this.#send(0, { text });
    const first = await this.#sendFile(0, file, text);
    for (const [index, next] of more.entries()) await this.#sendFile(index + 1, next, '');
    return first;
  }

  async #sendFile(part: number, file: OutgoingFile, text: string): Promise<Message> {
    const attachment_id = await this.#client.uploadAttachment({ ...this.#to, ...file, signal: this.#signal });
    return this.#send(part, text === '' ? { attachment_id } : { attachment_id, text });
  }

  async #send(part: number, content: { text?: string; attachment_id?: string }): Promise<Message> {
    const request = {
      ...this.#to,
      ...this.#metadata,
      ...(content.attachment_id === undefined ? {} : { type: 'file' as const }),
      content,
      client_msg_id: this.#place?.clientMsgId(part),
    };
    const { message } = await this.#client.sendMessage(request, { signal: this.#signal });
    return message;
  }
}
