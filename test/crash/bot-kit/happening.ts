import type { Entry as Recorded } from '../journal.js';
import type { Dying } from '../mortality.js';

/** Something that happened in a life of the bot. */
export type Happening =
  /** The thinker is asked about a turn. */
  | {
      readonly what: 'think';
      readonly conversation: string;
      readonly key: string;
      /** The ids of its messages. */
      readonly messages: readonly string[];
    }
  /** A turn that was frozen runs again. */
  | { readonly what: 'again'; readonly key: string }
  /** The store has confirmed, or refused to write, what a step gave. */
  | { readonly what: 'recorded' | 'refused'; readonly key: string; readonly step: string }
  /** `turn.step` has given the bot a result. */
  | { readonly what: 'passed'; readonly key: string; readonly step: string }
  /** The store has confirmed that the turn is over. */
  | { readonly what: 'finished'; readonly key: string }
  | Dying;

export type Entry = Recorded<Happening>;
