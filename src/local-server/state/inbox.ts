import type { IdSource } from '../ids.js';
import { Chain } from './chain.js';
import type { Ledger } from './ledger.js';
import type { Envelope, EnvelopeFacts, Inbox, Membership, StoredMessage } from './records.js';

/** The inbox of one agent. */
export class AgentInbox implements Inbox {
  readonly #ids: IdSource;
  readonly #ledger: Ledger<Envelope>;
  readonly #undelivered = new Chain<Envelope>();
  readonly #byCursor = new Map<string, Envelope>();
  #lastPosition = 0;

  constructor(ids: IdSource, ledger: Ledger<Envelope>) {
    this.#ids = ids;
    this.#ledger = ledger;
  }

  get undeliveredCount(): number {
    return this.#undelivered.size;
  }

  get lastPosition(): number {
    return this.#lastPosition;
  }

  put(stored: StoredMessage, membership: Membership): Envelope {
    const envelope = this.restore(stored, membership, {
      position: this.#lastPosition + 1,
      state: 'stored',
      deliveredAt: null,
      readAt: null,
      cursor: undefined,
      isUnread: true,
    });
    this.#ledger.put(envelope);
    return envelope;
  }

  restore(stored: StoredMessage, membership: Membership, { isUnread, ...facts }: EnvelopeFacts): Envelope {
    const links = { undeliveredLink: undefined, unreadLink: undefined };
    const envelope: Envelope = { stored, membership, ...facts, ...links };
    this.#lastPosition = envelope.position;
    if (envelope.state === 'stored') envelope.undeliveredLink = this.#undelivered.append(envelope);
    if (isUnread) envelope.unreadLink = membership.unread.append(envelope);
    if (envelope.cursor !== undefined) this.#byCursor.set(envelope.cursor, envelope);
    return envelope;
  }

  *undelivered(after?: Envelope): Generator<Envelope, void> {
    const inChain = after?.undeliveredLink?.chained === true;
    for (const envelope of this.#undelivered.forward(inChain ? after.undeliveredLink : undefined)) {
      if (after === undefined || envelope.position > after.position) yield envelope;
    }
  }

  cursorOf(envelope: Envelope): string {
    if (envelope.cursor === undefined) {
      envelope.cursor = this.#ids.cursor();
      this.#byCursor.set(envelope.cursor, envelope);
      this.#ledger.put(envelope);
    }
    return envelope.cursor;
  }

  byCursor(cursor: string): Envelope | undefined {
    return this.#byCursor.get(cursor);
  }

  markDelivered(envelope: Envelope, at: string): boolean {
    if (envelope.state !== 'stored') return false;
    envelope.state = 'delivered';
    envelope.deliveredAt = at;
    if (envelope.undeliveredLink !== undefined) this.#undelivered.remove(envelope.undeliveredLink);
    envelope.undeliveredLink = undefined;
    this.#ledger.put(envelope);
    return true;
  }

  markDeliveredThrough(envelope: Envelope, at: string): number {
    let changed = 0;
    for (const each of this.#undelivered.forward()) {
      if (each.position > envelope.position) break;
      if (this.markDelivered(each, at)) changed += 1;
    }
    return changed;
  }

  markRead(envelope: Envelope, at: string): boolean {
    if (envelope.state === 'read' || envelope.state === 'expired') return false;
    this.markDelivered(envelope, at);
    envelope.state = 'read';
    envelope.readAt = at;
    this.discount(envelope);
    return true;
  }

  discount(envelope: Envelope): void {
    if (envelope.unreadLink !== undefined) envelope.membership.unread.remove(envelope.unreadLink);
    envelope.unreadLink = undefined;
    this.#ledger.put(envelope);
  }

  withdraw(envelope: Envelope): void {
    this.discount(envelope);
    if (envelope.state !== 'stored') return;
    envelope.state = 'expired';
    if (envelope.undeliveredLink !== undefined) this.#undelivered.remove(envelope.undeliveredLink);
    envelope.undeliveredLink = undefined;
  }
}
