import type { IdSource } from '../ids.js';
import { Chain, type Link } from './chain.js';
import type { Membership } from './conversations.js';
import type { StoredMessage } from './messages.js';

/** How far a message has come on its way to one recipient. It never goes backwards; `expired` ones never arrive. */
export type DeliveryState = 'stored' | 'delivered' | 'read' | 'expired';

/** One message on its way to one recipient. */
export interface Envelope {
  readonly stored: StoredMessage;
  readonly membership: Membership;
  /** The place in the recipient's inbox: later envelopes have higher positions. Never shown to a client. */
  readonly position: number;
  state: DeliveryState;
  deliveredAt: string | null;
  readAt: string | null;
  cursor: string | undefined;
  undeliveredLink: Link<Envelope> | undefined;
  unreadLink: Link<Envelope> | undefined;
}

/** What waits for one agent, oldest first across all of its conversations. */
export class Inbox {
  readonly #ids: IdSource;
  readonly #undelivered = new Chain<Envelope>();
  readonly #byCursor = new Map<string, Envelope>();
  #lastPosition = 0;

  constructor(ids: IdSource) {
    this.#ids = ids;
  }

  get undeliveredCount(): number {
    return this.#undelivered.size;
  }

  /** The position of the newest envelope that ever arrived here. */
  get lastPosition(): number {
    return this.#lastPosition;
  }

  put(stored: StoredMessage, membership: Membership): Envelope {
    this.#lastPosition += 1;
    const envelope: Envelope = {
      stored,
      membership,
      position: this.#lastPosition,
      state: 'stored',
      deliveredAt: null,
      readAt: null,
      cursor: undefined,
      undeliveredLink: undefined,
      unreadLink: undefined,
    };
    envelope.undeliveredLink = this.#undelivered.append(envelope);
    envelope.unreadLink = membership.unread.append(envelope);
    return envelope;
  }

  /** Undelivered envelopes, oldest first; with `after` only those behind it, whether it is still undelivered or not. */
  *undelivered(after?: Envelope): Generator<Envelope, void> {
    const inChain = after?.undeliveredLink?.chained === true;
    for (const envelope of this.#undelivered.forward(inChain ? after.undeliveredLink : undefined)) {
      if (after === undefined || envelope.position > after.position) yield envelope;
    }
  }

  /** The envelope's cursor, made the first time that somebody reads it and the same ever after. */
  cursorOf(envelope: Envelope): string {
    if (envelope.cursor === undefined) {
      envelope.cursor = this.#ids.cursor();
      this.#byCursor.set(envelope.cursor, envelope);
    }
    return envelope.cursor;
  }

  byCursor(cursor: string): Envelope | undefined {
    return this.#byCursor.get(cursor);
  }

  /** `stored` to `delivered`; says whether anything changed. */
  markDelivered(envelope: Envelope, at: string): boolean {
    if (envelope.state !== 'stored') return false;
    envelope.state = 'delivered';
    envelope.deliveredAt = at;
    if (envelope.undeliveredLink !== undefined) this.#undelivered.remove(envelope.undeliveredLink);
    envelope.undeliveredLink = undefined;
    return true;
  }

  /** Marks everything at or before the envelope delivered; says how many changed. */
  markDeliveredThrough(envelope: Envelope, at: string): number {
    let changed = 0;
    for (const each of this.#undelivered.forward()) {
      if (each.position > envelope.position) break;
      if (this.markDelivered(each, at)) changed += 1;
    }
    return changed;
  }

  /** To `read`, which implies delivered; says whether anything changed. */
  markRead(envelope: Envelope, at: string): boolean {
    if (envelope.state === 'read' || envelope.state === 'expired') return false;
    this.markDelivered(envelope, at);
    envelope.state = 'read';
    envelope.readAt = at;
    this.discount(envelope);
    return true;
  }

  /** Takes an envelope out of what is unread, without anybody having read it. */
  discount(envelope: Envelope): void {
    if (envelope.unreadLink !== undefined) envelope.membership.unread.remove(envelope.unreadLink);
    envelope.unreadLink = undefined;
  }

  /** Nobody wants it any more: what is not delivered yet never will be. */
  withdraw(envelope: Envelope): void {
    this.discount(envelope);
    if (envelope.state !== 'stored') return;
    envelope.state = 'expired';
    if (envelope.undeliveredLink !== undefined) this.#undelivered.remove(envelope.undeliveredLink);
    envelope.undeliveredLink = undefined;
  }
}
