import type { FloodServer } from '../../test/e2e/flood-server.js';

const TICK_MS = 5;

/** Messages at a steady rate, each from a sender who is drawn: some write twice in a moment, some once in a minute. */
export class Traffic {
  readonly #server: FloodServer;
  readonly #perSecond: number;
  readonly #senders: number;
  readonly #chance: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: FloodServer, perSecond: number, senders: number, chance: () => number) {
    this.#server = server;
    this.#perSecond = perSecond;
    this.#senders = senders;
    this.#chance = chance;
  }

  start(): void {
    const startedAt = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - startedAt) / 1_000) * this.#perSecond);
      while (this.#server.pushed < due) this.#server.store(Math.floor(this.#chance() * this.#senders));
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
