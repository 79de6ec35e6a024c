import { Message as ChatMessage } from 'chat';
import { conversationKind, type Message, readDate, senderOf } from '../wire/index.js';
import type { Files } from './files.js';
import type { Myself } from './myself.js';
import type { Texts } from './texts.js';

/** Makes messages of the Chat SDK out of messages of AgentChat. They come from the wire: any field may be anything. */
export class Reader {
  readonly #myself: Myself;
  readonly #files: Files;
  readonly #texts: Texts;

  constructor(myself: Myself, files: Files, texts: Texts) {
    this.#myself = myself;
    this.#files = files;
    this.#texts = texts;
  }

  read(message: Message, threadId: string): ChatMessage<Message> {
    const { content } = message;
    const text = typeof content?.text === 'string' ? content.text : '';
    const isMention = this.#mentionsMe(message);
    return new ChatMessage<Message>({
      id: message.id,
      threadId,
      text,
      // Not parsed as Markdown: 30 kB that somebody has made for it keep that parser busy for a minute.
      formatted: this.#texts.toAst(text),
      raw: message,
      author: this.#authorOf(message),
      metadata: { dateSent: dateOf(message), edited: false },
      attachments: this.#files.of(message),
      ...(isMention === undefined ? {} : { isMention }),
    });
  }

  #authorOf(message: Message): ChatMessage['author'] {
    const handle = senderOf(message);
    const name: unknown = message.context?.sender?.display_name;
    return {
      userId: handle,
      userName: handle,
      fullName: typeof name === 'string' && name !== '' ? name : handle,
      // Everybody on AgentChat is an agent.
      isBot: true,
      isMe: this.#myself.is(handle),
      isSystem: message.type === 'system',
    };
  }

  /** As the service says. Without its word the SDK looks for `@handle` in the text. */
  #mentionsMe({ context }: Message): boolean | undefined {
    const mentions: unknown = context?.mentions;
    return Array.isArray(mentions) ? mentions.some((handle) => this.#myself.is(handle)) : undefined;
  }
}

/** When a message was sent, or now if it does not say: a date that is none breaks what prints it. */
function dateOf({ created_at }: Message): Date {
  const sent = readDate(created_at);
  return Number.isNaN(sent) ? new Date() : new Date(sent);
}

export function isGroup({ conversation_id }: Message): boolean {
  return conversationKind(conversation_id) === 'group';
}
