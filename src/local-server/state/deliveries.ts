import type { Ledger } from './ledger.js';
import type { AgentRecord } from './records.js';
import type { WebhookRecord } from './webhooks.js';

/** One event on its way to one webhook. */
export interface Delivery {
  readonly id: string;
  readonly to: AgentRecord;
  readonly webhook: WebhookRecord;
  readonly event: string;
  /** What is posted. */
  readonly body: string;
  /** The next attempt; 1 for the first. */
  attempt: number;
  /** When the next attempt is due, in milliseconds since 1970. */
  dueAt: number;
}

/** The deliveries that wait or are under way. */
export class Deliveries {
  readonly #open = new Set<Delivery>();
  readonly #ledger: Ledger<Delivery>;

  constructor(ledger: Ledger<Delivery>) {
    this.#ledger = ledger;
  }

  get size(): number {
    return this.#open.size;
  }

  /** It waits for its next attempt. */
  plan(delivery: Delivery): void {
    this.restore(delivery);
    this.#ledger.put(delivery);
  }

  /** Takes up a delivery that has waited before. */
  restore(delivery: Delivery): void {
    this.#open.add(delivery);
  }

  /** It was made, was given up, or nobody wants it any more. */
  end(delivery: Delivery): void {
    if (this.#open.delete(delivery)) this.#ledger.remove(delivery);
  }

  all(): IterableIterator<Delivery> {
    return this.#open.values();
  }
}
