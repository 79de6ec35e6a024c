import { nearestName } from '../http/index.js';
import { SERVER_EVENTS } from '../wire/index.js';

/** A name further away than this may be an event that came after this version. */
const FARTHEST = 2;

/** The event that was probably meant; `undefined` for one that there is, and for a name that looks like none. */
export function meantEvent(type: string): string | undefined {
  if ((SERVER_EVENTS as readonly string[]).includes(type)) return undefined;
  const words = wordsOf(type);
  const sameWords = SERVER_EVENTS.find((event) => wordsOf(event) === words);
  return sameWords ?? nearestName(type, SERVER_EVENTS, FARTHEST);
}

/** Its words in any order, one or many: `new_messages` is `message.new`. */
function wordsOf(name: string): string {
  const words = name.toLowerCase().split(/[^a-z]+/);
  return words
    .map((word) => word.replace(/s$/, ''))
    .sort()
    .join(' ')
    .trim();
}
