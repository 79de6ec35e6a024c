import { replyId } from '../../rest/index.js';

/** No id of the service holds a NUL, so these never spell the id of a message. */
const BREAK = '\u0000';

/**
 * TURN-2: the `client_msg_id` of a part of an answer. It depends on the turn, where the answer goes, the answer's number and the
 * part's number, and never on the text: a model words it differently the second time.
 */
export function partId(turnKey: string, target: string, ordinal: number, part: number): string {
  // The first answer is what `replyId(message)` gives, so that a bot may change over to the kit in the middle of a conversation.
  const name = target === '' && ordinal === 0 ? turnKey : [turnKey, target, ordinal].join(BREAK);
  return replyId(name, part);
}

/** The idempotency key of a step. */
export function stepKey(turnKey: string, step: string): string {
  return replyId([turnKey, 'step', step].join(BREAK));
}

/** The `client_msg_id` of the one apology of a turn. */
export function apologyId(turnKey: string): string {
  return replyId([turnKey, 'apology'].join(BREAK));
}

/** The `client_msg_id` of what is said where there is no budget for a turn. */
export function sayingId(turnKey: string): string {
  return replyId([turnKey, 'budget'].join(BREAK));
}
