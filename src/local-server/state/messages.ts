import type { Message } from '../../wire/index.js';
import { isVisibleTo } from './conversations.js';
import type { Ledger } from './ledger.js';
import type { Conversation, Membership, StoredMessage } from './records.js';

/** All messages, in the order in which they were stored. */
export class Messages {
  readonly #byId = new Map<string, StoredMessage>();
  readonly #ledger: Ledger<StoredMessage>;

  constructor(ledger: Ledger<StoredMessage>) {
    this.#ledger = ledger;
  }

  /** Stores a message as the next one of its conversation. The seq is the caller's, from {@link nextSeq}. */
  store(message: Message, conversation: Conversation): StoredMessage {
    const stored = this.restore(message, conversation);
    this.#ledger.put(stored);
    return stored;
  }

  /** Takes up a message that has been before, as the next one of its conversation. */
  restore(message: Message, conversation: Conversation): StoredMessage {
    const stored: StoredMessage = { message, conversation, envelopes: new Map(), hiddenFor: new Set() };
    conversation.messages.push(stored);
    this.#byId.set(message.id, stored);
    return stored;
  }

  /** Takes a message out of one agent's sight. */
  hide(stored: StoredMessage, handle: string): void {
    stored.hiddenFor.add(handle);
    this.#ledger.put(stored);
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
 * A page of history as a member sees it, without what it has hidden or what was said before it joined. `after` is oldest
 * first and exclusive; everything else is newest first, `around` ending at the message itself.
 */
export function historyPage(membership: Membership, window: HistoryWindow, limit: number): StoredMessage[] {
  const { messages } = membership.conversation;
  const step = window.kind === 'after' ? 1 : -1;
  const page: StoredMessage[] = [];
  for (let at = firstIndex(window, messages.length); page.length < limit; at += step) {
    const stored = messages[at];
    if (stored === undefined) break;
    if (isVisibleTo(membership, stored)) page.push(stored);
  }
  return page;
}

/** The message with seq n is at index n - 1. */
function firstIndex(window: HistoryWindow, length: number): number {
  switch (window.kind) {
    case 'latest':
      return length - 1;
    case 'before':
      return Math.min(length, window.seq - 1) - 1;
    case 'after':
      return window.seq;
    case 'around':
      return window.seq - 1;
  }
}
