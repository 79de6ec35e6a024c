import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Something that was done in the world, for a turn. */
export interface Booking {
  /** The key of the turn. */
  readonly turn: string;
  /** The life of the bot that asked for it. */
  readonly life: number;
}

/** Those that `Ledger` listens to. */
const CHARGES = '/charges';

/**
 * The world outside, which outlives the bot: it books charges, one for each idempotency key, and tallies, one for each call. A
 * booking stands before it is answered.
 */
export class Ledger {
  readonly charges: Booking[] = [];
  readonly tallies: Booking[] = [];
  readonly #server: Server;
  readonly #keys = new Set<string>();

  private constructor() {
    this.#server = createServer((request, response) => {
      const { turn = '', life = '', key = '' } = request.headers as Record<string, string>;
      const booking = { turn, life: Number(life) };
      if (request.url !== CHARGES) this.tallies.push(booking);
      else if (!this.#keys.has(key)) {
        this.#keys.add(key);
        this.charges.push(booking);
      }
      response.end('booked');
    });
  }

  static async open(): Promise<Ledger> {
    const ledger = new Ledger();
    await new Promise<void>((resolve) => ledger.#server.listen(0, '127.0.0.1', resolve));
    return ledger;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    return closed;
  }
}

/** The bot's way to the ledger. */
export class LedgerClient {
  constructor(
    private readonly url: string,
    private readonly life: number,
  ) {}

  /** Booked once for each key. */
  charge(turn: string, key: string): Promise<string> {
    return this.#book(CHARGES, turn, { key });
  }

  /** Booked each time. */
  tally(turn: string): Promise<string> {
    return this.#book('/tallies', turn, {});
  }

  async #book(path: string, turn: string, more: Record<string, string>): Promise<string> {
    const headers = { turn, life: String(this.life), ...more };
    const answer = await fetch(this.url + path, { method: 'POST', headers });
    return answer.text();
  }
}
