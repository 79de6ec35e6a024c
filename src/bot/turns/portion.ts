import type { TurnRecord } from '../../stores/index.js';
import type { Message } from '../../wire/index.js';

/**
 * What becomes of the messages that wait together in a conversation, in view of what its turns have left in the store.
 * - `nothing`: the first `count` have been handled in turns that are finished.
 * - `again`: they belong to a turn that is frozen, which runs again as it was (TURN-1).
 * - `new`: they are a turn of their own.
 */
export type Portion =
  | { readonly kind: 'nothing'; readonly count: number }
  | { readonly kind: 'again'; readonly count: number; readonly key: string }
  | { readonly kind: 'new'; readonly count: number; readonly messages: readonly Message[] };

/**
 * The first portion of what waits. `count` are the messages that are handled with it; the others wait for the next one.
 *
 * @param isAlone Whether a message is a turn by itself: a command.
 */
export function firstPortion(
  messages: readonly Message[],
  { turns, finished }: Pick<TurnRecord, 'turns' | 'finished'>,
  isAlone: (message: Message) => boolean,
): Portion {
  const done = new Set(finished);
  const fresh = messages.find(({ id }) => !done.has(id));
  if (fresh === undefined) return { kind: 'nothing', count: messages.length };
  const frozen = turns.find(({ messages: ids }) => ids.includes(fresh.id));
  if (frozen !== undefined) {
    const own = new Set(frozen.messages);
    const end = messages.findIndex(({ id }) => !own.has(id) && !done.has(id));
    return { kind: 'again', count: end === -1 ? messages.length : end, key: frozen.key };
  }
  const others = new Set(turns.flatMap(({ messages: ids }) => ids));
  const taken: Message[] = [];
  let count = 0;
  for (const message of messages) {
    if (!done.has(message.id)) {
      if (others.has(message.id) || (taken.length > 0 && isAlone(message))) break;
      taken.push(message);
    }
    count += 1;
    if (taken[0] === message && isAlone(message)) break;
  }
  return { kind: 'new', count, messages: taken };
}
