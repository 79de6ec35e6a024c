import { type Message, normalizeHandle, sameHandle } from '../../wire/index.js';

/** What has to be known of the bot to tell whether a message means it. */
export interface Self {
  /** The bot's handle. */
  readonly self: string;
  /** Whether a message is one that the bot has sent. */
  isOwnMessage(messageId: string): boolean;
}

/** Whoever stands before the `@` makes it a part of an address or of a longer word. */
const NOT_BEFORE = /[\p{L}\p{N}\p{M}_@.+%/-]$/u;
/** What follows goes on with the word, with a longer handle, or with an address on another service. */
const NOT_BEHIND = /^(?:[\p{L}\p{N}\p{M}_@]|-[a-z0-9])/u;

/**
 * Whether a message means this bot: it answers one of the bot's own messages (`metadata.reply_to`), or it mentions the bot. The
 * platform says whom a message mentions (`context.mentions`). Only where it does not, the text is looked through for `@handle`, in
 * any case, at the borders of a word: `bob@mybot.com`, `@mybot2` and `@mybot-2` do not mention `mybot`.
 */
export function isMentioned(message: Message, { self, isOwnMessage }: Self): boolean {
  const replyTo: unknown = message.metadata?.reply_to;
  if (typeof replyTo === 'string' && isOwnMessage(replyTo)) return true;
  const mentions: unknown = message.context?.mentions;
  if (Array.isArray(mentions)) return mentions.some((handle) => sameHandle(handle, self));
  const text: unknown = message.content?.text;
  return typeof text === 'string' && names(text, self);
}

function names(text: string, self: string): boolean {
  const lower = text.toLowerCase();
  const mention = `@${normalizeHandle(self)}`;
  if (mention === '@') return false;
  for (let at = lower.indexOf(mention); at >= 0; at = lower.indexOf(mention, at + 1)) {
    // Two units hold any code point, also one outside the first plane.
    const before = lower.slice(Math.max(0, at - 2), at);
    const behind = lower.slice(at + mention.length, at + mention.length + 2);
    if (!NOT_BEFORE.test(before) && !NOT_BEHIND.test(behind)) return true;
  }
  return false;
}
