import type { IdSource } from '../ids.js';

/** Everything that the server stores beside the service's own paths: pictures, and the bytes of attachments. */
export const STORAGE_PATH = '/local/';
/** Where the bytes of attachments go, and come from. */
export const FILES_PATH: string = `${STORAGE_PATH}files/`;

/** What an address may be used for. */
export type TicketUse = 'put' | 'get';

interface Ticket {
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

  constructor(ids: IdSource) {
    this.#ids = ids;
  }

  /** An address for one attachment; to be had from `origin`. */
  address(origin: string, use: TicketUse, attachmentId: string, now: number): string {
    this.#forgetExpired(now);
    const token = this.#ids.signature();
    const expiresAt = now + (use === 'put' ? PUT_TICKET_MS : GET_TICKET_MS);
    this.#byToken.set(token, { use, attachmentId, expiresAt });
    return `${origin}${FILES_PATH}${attachmentId}?signature=${token}`;
  }

  /** Whether the address works now. One for a download works once; an upload that broke off may be repeated. */
  use(token: string, use: TicketUse, attachmentId: string, now: number): boolean {
    const ticket = this.#byToken.get(token);
    const isValid = ticket?.use === use && ticket.attachmentId === attachmentId && ticket.expiresAt > now;
    if (isValid && use === 'get') this.#byToken.delete(token);
    return isValid;
  }

  #forgetExpired(now: number): void {
    for (const [token, { expiresAt }] of this.#byToken) if (expiresAt <= now) this.#byToken.delete(token);
  }
}
