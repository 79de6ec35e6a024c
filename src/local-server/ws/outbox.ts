import type { Envelope } from '../state/records.js';
import type { OutgoingFrame } from './frames.js';

/** Something that waits to be written to one socket. */
export type Outgoing =
  | { readonly kind: 'event'; readonly frame: OutgoingFrame }
  /** A message that has just been stored. */
  | { readonly kind: 'live'; readonly frame: OutgoingFrame; readonly envelope: Envelope }
  /** A message from before: left out if it was delivered on another way in the meantime. */
  | { readonly kind: 'backlog'; readonly envelope: Envelope };

/** Entries that are taken before the array behind the queue is shortened. */
const COMPACT_AFTER = 1_024;

/**
 * What waits for a socket that is slower than the server. Entries only point at messages that are stored anyway, so a
 * slow reader costs a pointer per message, not a copy.
 */
export class Outbox {
  #entries: Outgoing[] = [];
  #taken = 0;

  get isEmpty(): boolean {
    return this.#taken === this.#entries.length;
  }

  put(entry: Outgoing): void {
    this.#entries.push(entry);
  }

  take(): Outgoing | undefined {
    const entry = this.#entries[this.#taken];
    if (entry === undefined) return undefined;
    this.#taken += 1;
    if (this.isEmpty) this.clear();
    else if (this.#taken >= COMPACT_AFTER) {
      this.#entries = this.#entries.slice(this.#taken);
      this.#taken = 0;
    }
    return entry;
  }

  clear(): void {
    this.#entries = [];
    this.#taken = 0;
  }
}
