import type { Message } from '../../wire/index.js';
import type { Conversation } from './conversations.js';
import type { Envelope } from './envelopes.js';

/** A message as it was stored, and its way to each recipient. */
export interface StoredMessage {
  /** Without `status`, `delivered_at` and `read_at`: those belong to whoever looks at it. */
  readonly message: Message;
  readonly conversation: Conversation;
  readonly envelopes: Map<string, Envelope>;
}

/** All messages, in the order in which they were stored. */
export class Messages {
  readonly #byId = new Map<string, StoredMessage>();

  /** Stores a message as the next one of its conversation. The seq is the caller's, from {@link nextSeq}. */
  store(message: Message, conversation: Conversation): StoredMessage {
    const stored: StoredMessage = { message, conversation, envelopes: new Map() };
    conversation.messages.push(stored);
    this.#byId.set(message.id, stored);
    return stored;
  }

  byId(id: string): StoredMessage | undefined {
    return this.#byId.get(id);
  }

  *all(): Generator<StoredMessage, void> {
    yield* this.#byId.values();
  }
}

/** The seq of the next message of the conversation. They begin at 1. */
export function nextSeq(conversation: Conversation): number {
  return conversation.messages.length + 1;
}

/** Which part of a conversation's history is asked for; at most one end is given. */
export type HistoryWindow =
  | { readonly kind: 'latest' }
  | { readonly kind: 'before'; readonly seq: number }
  | { readonly kind: 'after'; readonly seq: number }
  | { readonly kind: 'around'; readonly seq: number };

/**
 * A page of history. `after` is oldest first and exclusive; everything else is newest first, `around` ending at
 * the message itself.
 */
export function historyPage(
  conversation: Conversation,
  window: HistoryWindow,
  limit: number,
): StoredMessage[] {
  const { messages } = conversation;
  if (window.kind === 'after') return messages.slice(window.seq, window.seq + limit);
  const end =
    window.kind === 'latest'
      ? messages.length
      : Math.min(messages.length, window.kind === 'before' ? window.seq - 1 : window.seq);
  return messages.slice(Math.max(0, end - limit), Math.max(0, end)).reverse();
}
