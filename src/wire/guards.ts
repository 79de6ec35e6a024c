import { framePayload, SERVER_EVENTS, type ServerFrame } from './frames.js';
import { normalizeHandle } from './handles.js';
import { type Fields, isFilled, isObject, kindOf } from './json.js';
import type { Message } from './messages.js';

/**
 * Whether a value has the structure that this client relies on: an id, a conversation, a sender, and a content that is an
 * object if there is one. This runs on every message and allocates nothing; whether a message is *complete* is the
 * schema's question. `seq` is read separately, because a message without a usable one is still delivered.
 */
export function isMessageLike(value: unknown): value is Message {
  return (
    isObject(value) &&
    isFilled(value.id) &&
    isFilled(value.conversation_id) &&
    (isFilled(value.sender) || isFilled(value.from) || isFilled(value.sender_handle)) &&
    (value.content === undefined || isObject(value.content))
  );
}

/** Why {@link isMessageLike} says no, for a report to people; `null` when it says yes. */
export function messageProblem(value: unknown): string | null {
  if (!isObject(value)) return 'not an object';
  if (!isFilled(value.id)) return '"id" is not a non-empty string';
  if (!isFilled(value.conversation_id)) return '"conversation_id" is not a non-empty string';
  if (!isFilled(value.sender) && !isFilled(value.from) && !isFilled(value.sender_handle)) {
    return '"sender" is not a non-empty string';
  }
  if (value.content !== undefined && !isObject(value.content)) return '"content" is not an object';
  return null;
}

/** A seq that can be ordered by: a whole number from 0 to 2^53 - 1. Everything else is `undefined`. */
export function readSeq(value: unknown): number | undefined {
  // Adding 0 turns -0 into 0, which a Map and a template string would otherwise disagree about.
  return typeof value === 'number' && value >= 0 && Number.isSafeInteger(value) ? value + 0 : undefined;
}

/** A timestamp of the service in milliseconds since 1970; `NaN` for anything that is none. Never throws. */
export function readDate(value: unknown): number {
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

/** Whether a message takes part in the order of its conversation. Some system messages do not. */
export function hasSequence(message: { readonly seq?: unknown }): boolean {
  return readSeq(message.seq) !== undefined;
}

/** The bare, lower-case handle of who wrote a message, under whichever name it came; `''` when nobody is named. */
export function senderOf(message: object): string {
  const { sender, from, sender_handle } = message as Fields;
  if (isFilled(sender)) return normalizeHandle(sender);
  if (isFilled(from)) return normalizeHandle(from);
  return isFilled(sender_handle) ? normalizeHandle(sender_handle) : '';
}

/**
 * The message with its writer under `sender`, which is where handlers look, when it came under another name. The same
 * object when there is nothing to do.
 */
export function withSender(message: Message): Message {
  if (isFilled(message.sender)) return message;
  const sender = senderOf(message);
  return sender === '' ? message : { ...message, sender };
}

/**
 * Why handlers of an event cannot be given what it carries; `null` when they can. An event that carries nothing has an
 * empty payload, and of events that this version does not know nothing is expected.
 */
export function eventProblem(frame: ServerFrame): string | null {
  const payload = framePayload(frame);
  if (payload === undefined || payload === null || isObject(payload)) return null;
  const known: readonly string[] = SERVER_EVENTS;
  return known.includes(frame.type) ? `its payload is ${kindOf(payload)} instead of an object` : null;
}
