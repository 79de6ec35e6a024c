import { invalid } from '../http/index.js';
import { MAX_CLIENT_MSG_ID_LENGTH } from '../wire/index.js';
import { sha256Hex } from './sha256.js';

/** Ids made of these only are taken over as they are; live ids are. */
const PLAIN_ID = /^[A-Za-z0-9_.-]+$/;

/**
 * The `client_msg_id` of the `n`-th reply to a message. It depends on nothing but the message and `n`: a bot that
 * crashes between sending and remembering, and handles the message again, sends the same id again, and the service keeps
 * one answer.
 *
 * A handler that sends several messages numbers them (0, 1, 2, ...) in an order that is the same on every run; an id must
 * not be used for two different texts, for the service then returns the first one.
 *
 * @param message The message that is answered, or its id.
 * @param n Which reply it is, from 0. Default 0.
 * @returns At most 128 characters of ASCII. Two different pairs of message and `n` never share an id.
 * @throws ValidationError when the message has no id, or `n` is not a whole number from 0 on.
 * @example
 * await client.sendMessage({ to: message.sender, content: 'pong', client_msg_id: replyId(message) });
 */
export function replyId(message: { readonly id: string } | string, n = 0): string {
  const id: unknown = typeof message === 'object' && message !== null ? message.id : message;
  if (typeof id !== 'string' || id === '') {
    throw invalid('message', 'replyId needs the message that is answered, or its id (a non-empty string)');
  }
  if (!Number.isSafeInteger(n) || n < 0) {
    throw invalid('n', 'the number of a reply must be a whole number from 0 on');
  }
  // The number ends at the next "_", so no two pairs can spell the same text; and "reply_" is never "replyhash_".
  const plain = `reply_${n}_${id}`;
  if (plain.length <= MAX_CLIENT_MSG_ID_LENGTH && PLAIN_ID.test(id)) return plain;
  return `replyhash_${n}_${sha256Hex(codeUnits(id))}`;
}

/** The text as UTF-16 code units. UTF-8 would spell all lone surrogates alike. */
function codeUnits(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit >>> 8;
    bytes[2 * i + 1] = unit & 0xff;
  }
  return bytes;
}
