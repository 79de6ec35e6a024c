import type { IdSource } from '../ids.js';
import type { Ledger } from '../state/ledger.js';

/** Everything that the server stores beside the service's own paths: pictures, and the bytes of attachments. */
export const STORAGE_PATH = '/local/';
/** Where the bytes of attachments go, and come from. */
export const FILES_PATH: string = `${STORAGE_PATH}files/`;

/** What an address may be used for. */
export type TicketUse = 'put' | 'get';

/** An address that works for a moment. */
export interface Ticket {
  readonly token: string;
  readonly use: TicketUse;
  readonly attachmentId: string;
  readonly expiresAt: number;
}

/** How long an upload address works. The service's live under a minute. */
export const PUT_TICKET_MS = 50_000;
/** How long a download address works, once. */
export const GET_TICKET_MS = 30_000;

/** Addresses that work for whoever has them, and for a moment only. */
export class Tickets {
  readonly #byToken = new Map<string, Ticket>();
  readonly #ids: IdSource;

  readonly #ledger: Ledger<Ticket>;

  constructor(ids: IdSource, ledger: Ledger<Ticket>) {
    this.#ids = ids;
    this.#ledger = ledger;
  }

  /** An address for one attachment; to be had from `origin`. */
  address(origin: string, use: TicketUse, attachmentId: string, now: number): string {
    this.#forgetExpired(now);
    const token = this.#ids.signature();
    const expiresAt = now + (use === 'put' ? PUT_TICKET_MS : GET_TICKET_MS);
    const ticket: Ticket = { token, use, attachmentId, expiresAt };
    this.restore(ticket);
    this.#ledger.put(ticket);
    return `${origin}${FILES_PATH}${attachmentId}?signature=${token}`;
  }

  /** Whether the address works now. One for a download works once; an upload that broke off may be repeated. */
  use(token: string, use: TicketUse, attachmentId: string, now: number): boolean {
    const ticket = this.#byToken.get(token);
    const isValid = ticket?.use === use && ticket.attachmentId === attachmentId && ticket.expiresAt > now;
    if (isValid && use === 'get') this.#forget(ticket);
    return isValid;
  }

  /** Takes up an address that was given out before. */
  restore(ticket: Ticket): void {
    this.#byToken.set(ticket.token, ticket);
  }

  all(): IterableIterator<Ticket> {
    return this.#byToken.values();
  }

  #forgetExpired(now: number): void {
    for (const ticket of this.#byToken.values()) if (ticket.expiresAt <= now) this.#forget(ticket);
  }

  #forget(ticket: Ticket): void {
    this.#byToken.delete(ticket.token);
    this.#ledger.remove(ticket);
  }
}
