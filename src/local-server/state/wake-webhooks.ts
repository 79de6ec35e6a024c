import type { Ledger } from './ledger.js';

/** Where an agent wants to be woken. */
export interface WakeWebhook {
  readonly owner: string;
  readonly url: string;
  readonly secret: string;
}

/** Where agents want to be woken: one address each. Nobody is: what the service sends there is not documented. */
export class WakeWebhooks {
  readonly #byOwner = new Map<string, WakeWebhook>();
  readonly #ledger: Ledger<WakeWebhook>;

  constructor(ledger: Ledger<WakeWebhook>) {
    this.#ledger = ledger;
  }

  set(webhook: WakeWebhook): void {
    this.restore(webhook);
    this.#ledger.put(webhook);
  }

  /** Takes up an address that was given before. */
  restore(webhook: WakeWebhook): void {
    this.#byOwner.set(webhook.owner, webhook);
  }

  of(owner: string): WakeWebhook | undefined {
    return this.#byOwner.get(owner);
  }

  remove(owner: string): void {
    const webhook = this.#byOwner.get(owner);
    if (webhook === undefined) return;
    this.#byOwner.delete(owner);
    this.#ledger.remove(webhook);
  }

  all(): IterableIterator<WakeWebhook> {
    return this.#byOwner.values();
  }
}
