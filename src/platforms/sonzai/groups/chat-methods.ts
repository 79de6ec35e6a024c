import { poll } from '../../shared/poller.js';
import { checkOptions, type SonzaiCallOptions } from '../call-options.js';
import {
  type ChatQueued,
  type ChatResult,
  isOver,
  POLL_DELAYS_MS,
  POLL_LIMIT_MS,
} from '../chat/async-chat.js';
import type { ChatEvent } from '../chat/chat-event.js';
import type { ChatFields } from '../chat/chat-fields.js';
import { ChatReader } from '../chat/chat-reader.js';
import type { ChatReply } from '../chat/chat-reply.js';
import { ChatStream } from '../chat/chat-stream.js';
import { type DetachedOptions, detached } from '../chat/detached.js';
import { failureIn } from '../chat/read-event.js';
import { checkFields, checkMessages } from '../checks.js';
import { CHAT_LABEL } from '../sonzai-dialect.js';
import { SonzaiStreamError } from '../sonzai-error.js';
import { Group } from './group.js';

const CHAT = '/agents/{agentId}/chat';

/** A chat that comes in pieces. */
export interface StreamedChat extends ChatFields {
  readonly stream: true;
}

/** A chat that comes as a whole. */
export interface PlainChat extends ChatFields {
  readonly stream?: false | undefined;
}

/** What an agent says. */
export abstract class ChatMethods extends Group {
  /**
   * Says something to an agent. With `stream: true` the reply comes in pieces, else as a whole. It is never repeated: a chat that is
   * made again is a second chat.
   *
   * @throws ValidationError for messages that are missing or empty; StreamError when the platform gives the chat up; SonzaiError of
   * kind `interrupted` when the connection breaks.
   * @example
   * const { content, session_id } = await sonzai.agents.chat('luna', {
   *   messages: [{ role: 'user', content: 'Hello!' }],
   *   user_id: 'alice',
   * });
   */
  chat(agentId: string, fields: StreamedChat, options?: SonzaiCallOptions): ChatStream;
  chat(agentId: string, fields: PlainChat, options?: SonzaiCallOptions): Promise<ChatReply>;
  chat(
    agentId: string,
    fields: StreamedChat | PlainChat,
    options: SonzaiCallOptions = {},
  ): ChatStream | Promise<ChatReply> {
    return fields?.stream === true
      ? this.#stream(agentId, fields, options)
      : this.#whole(agentId, fields, options);
  }

  /**
   * A chat that runs to its end, whatever becomes of its caller: `signal` is reported (`onAbort`) and not passed on.
   *
   * @throws As {@link chat}; SonzaiError of kind `timeout` after `hardCapMs`, by default five minutes.
   */
  async chatDetached(agentId: string, fields: PlainChat, options: DetachedOptions = {}): Promise<ChatReply> {
    return detached(this.wire, 'agents.chatDetached', options, (call) => this.#whole(agentId, fields, call));
  }

  /**
   * The same for a stream: the chat begins at once, runs to its end, and then gives its events, all of them.
   *
   * @throws As {@link chatDetached}, in the loop.
   */
  chatStreamDetached(
    agentId: string,
    fields: ChatFields,
    options: DetachedOptions = {},
  ): AsyncIterable<ChatEvent> {
    const all = detached(this.wire, 'agents.chatStreamDetached', options, async (call) => {
      const events: ChatEvent[] = [];
      for await (const event of this.chat(agentId, { ...fields, stream: true }, call)) events.push(event);
      return events;
    });
    // Whoever begins the loop is told.
    all.catch(() => {});
    return later(all);
  }

  /**
   * Gives a chat to the platform to work off, for those that take longer than a connection lasts (about 100 seconds). Ask for it
   * with {@link pollChatResult}.
   */
  async chatAsync(agentId: string, fields: ChatFields, options: SonzaiCallOptions = {}): Promise<ChatQueued> {
    const label = 'agents.chatAsync';
    const body = bodyOf(fields, label);
    const operation = { label, method: 'POST', path: `${CHAT}/async`, ids: { agentId }, body } as const;
    return this.wire.begun<ChatQueued>(operation, 'processing_id', options);
  }

  /** How far an asynchronous chat is. */
  async pollChatResult(
    agentId: string,
    processingId: string,
    options: SonzaiCallOptions = {},
  ): Promise<ChatResult> {
    const label = 'agents.pollChatResult';
    const path = `${CHAT}/result/{processingId}`;
    const operation = { label, method: 'GET', path, ids: { agentId, processingId } } as const;
    const state = await this.wire.object<ChatResult>(operation, options);
    return state.status === 'failed' ? this.wire.masked(state) : state;
  }

  /**
   * Gives a chat to the platform and asks until it is done: after 1, 2, 4, and then every 5 seconds, for ten minutes. Then it gives the
   * last state, whose `status` is not `complete`; the platform goes on, also when `signal` fires.
   *
   * @throws StreamError when the platform gives the chat up.
   */
  async chatAsyncBlocking(
    agentId: string,
    fields: ChatFields,
    options: SonzaiCallOptions = {},
  ): Promise<ChatResult> {
    const { processing_id } = await this.chatAsync(agentId, fields, options);
    const { idempotencyKey: _, ...call } = options;
    const label = 'agents.chatAsyncBlocking';
    const { state } = await poll({
      label,
      ask: () => this.pollChatResult(agentId, processing_id, call),
      isDone: isOver,
      delaysMs: POLL_DELAYS_MS,
      limitMs: POLL_LIMIT_MS,
      signal: options.signal,
      signals: this.wire.signals,
      clock: this.wire.clock,
    });
    if (state.status === 'failed') throw failureOf(state, label);
    return state;
  }

  async #whole(agentId: string, fields: ChatFields, options: SonzaiCallOptions): Promise<ChatReply> {
    const stream = this.#stream(agentId, fields, options);
    for await (const _ of stream);
    return stream.reply;
  }

  /** @throws ValidationError for what cannot be asked. */
  #stream(agentId: string, fields: ChatFields, asked: SonzaiCallOptions): ChatStream {
    const body = bodyOf(fields, CHAT_LABEL);
    const { signal, ...options } = checkOptions(asked);
    const operation = { label: CHAT_LABEL, method: 'POST', path: CHAT, ids: { agentId }, body } as const;
    const open = (left: AbortSignal) => this.wire.stream(operation, { ...options, signal: left });
    return new ChatStream(new ChatReader(this.wire, CHAT_LABEL), open, signal);
  }
}

/** What a chat that the platform gave up failed with. */
export function failureOf(state: ChatResult, label: string): SonzaiStreamError {
  const failure = failureIn(state);
  return new SonzaiStreamError({
    platform: 'sonzai',
    kind: 'server',
    message: `${label}: the platform gave up: ${failure?.message ?? 'it gave no reason'}`,
    body: state,
    errorCode: failure?.code ?? null,
    isTokenError: failure?.isTokenError ?? false,
    retryable: false,
  });
}

/** `stream` is said to the client, and does not travel. */
function bodyOf(fields: ChatFields, label: string): object {
  checkFields(fields, label);
  checkMessages(fields.messages, label);
  const { stream: _, ...body } = fields;
  return body;
}

async function* later<T>(all: Promise<readonly T[]>): AsyncGenerator<T, void, undefined> {
  yield* await all;
}
