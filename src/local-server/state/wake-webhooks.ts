import type { WakeWebhookRequest } from '../../wire/index.js';

/** Where agents want to be woken: one address each. Nobody is: what the service sends there is not documented. */
export class WakeWebhooks {
  readonly #byOwner = new Map<string, Readonly<WakeWebhookRequest>>();

  set(owner: string, { url, secret }: WakeWebhookRequest): void {
    this.#byOwner.set(owner, { url, secret });
  }

  of(owner: string): Readonly<WakeWebhookRequest> | undefined {
    return this.#byOwner.get(owner);
  }

  remove(owner: string): void {
    this.#byOwner.delete(owner);
  }
}
