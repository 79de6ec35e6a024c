import type { Entry as Recorded } from './journal.js';
import type { Dying } from './mortality.js';

/** Something that happened in a life of the bot. */
export type Happening =
  /** The handler of a message begins, or has ended. */
  | {
      readonly what: 'begin' | 'end';
      readonly id: string;
      readonly conversation: string;
      readonly seq: number;
    }
  /** The store has confirmed that the message is done. */
  | { readonly what: 'commit'; readonly claimKey: string }
  /** The store has confirmed that everything below `expected` is handled. */
  | { readonly what: 'save'; readonly conversation: string; readonly expected: number }
  | Dying;

export type Entry = Recorded<Happening>;
