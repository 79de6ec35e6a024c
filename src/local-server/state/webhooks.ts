import type { WebhookEvent } from '../../wire/index.js';
import type { IdSource } from '../ids.js';
import type { Ledger } from './ledger.js';

/** A receiver that missed so many events in a row is gone. */
export const GIVEN_UP_UNTIL_DISABLED = 5;

/** An address that an agent wants events delivered to. */
export interface WebhookRecord {
  readonly id: string;
  /** The handle of its agent. */
  readonly owner: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly createdAt: string;
  /** What deliveries are signed with, newest first; two while the secret is being changed. */
  secrets: readonly string[];
  active: boolean;
  /** Deliveries in a row whose whole schedule failed. */
  givenUpInARow: number;
}

/** What an agent chooses. */
export interface WebhookDraft {
  readonly owner: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly secret: string | undefined;
}

/** Every agent's webhooks. */
export class Webhooks {
  readonly #byId = new Map<string, WebhookRecord>();
  readonly #ids: IdSource;

  readonly #ledger: Ledger<WebhookRecord>;

  constructor(ids: IdSource, ledger: Ledger<WebhookRecord>) {
    this.#ids = ids;
    this.#ledger = ledger;
  }

  create({ owner, url, events, secret }: WebhookDraft, at: string): WebhookRecord {
    const webhook: WebhookRecord = {
      id: this.#ids.next('whk_'),
      owner,
      url,
      events: [...new Set(events)],
      createdAt: at,
      secrets: [secret ?? this.#ids.webhookSecret()],
      active: true,
      givenUpInARow: 0,
    };
    this.restore(webhook);
    this.#ledger.put(webhook);
    return webhook;
  }

  /** Takes up a webhook that has been before. */
  restore(webhook: WebhookRecord): void {
    this.#byId.set(webhook.id, webhook);
  }

  byId(id: string): WebhookRecord | undefined {
    return this.#byId.get(id);
  }

  /** The webhooks of an agent, or of all, oldest first. */
  all(owner?: string): WebhookRecord[] {
    return [...this.#byId.values()].filter((webhook) => owner === undefined || webhook.owner === owner);
  }

  /** Where an event of an agent is to be delivered. */
  subscribed(owner: string, event: string): WebhookRecord[] {
    return this.all(owner).filter(({ active, events }) => active && events.includes(event));
  }

  remove(webhook: WebhookRecord): void {
    webhook.active = false;
    if (this.#byId.delete(webhook.id)) this.#ledger.remove(webhook);
  }

  /** A delivery has come to its end. @returns whether the webhook was disabled because of it. */
  judge(webhook: WebhookRecord, outcome: 'delivered' | 'given_up'): boolean {
    const before = webhook.givenUpInARow;
    webhook.givenUpInARow = outcome === 'delivered' ? 0 : before + 1;
    const isGone = webhook.givenUpInARow >= GIVEN_UP_UNTIL_DISABLED && webhook.active;
    if (isGone) webhook.active = false;
    if (webhook.givenUpInARow !== before && this.#byId.has(webhook.id)) this.#ledger.put(webhook);
    return isGone;
  }

  /** Takes up a webhook again that was disabled. */
  enable(webhook: WebhookRecord): void {
    webhook.active = true;
    webhook.givenUpInARow = 0;
    this.#ledger.put(webhook);
  }

  /** Signs with another secret from now on, and with the last one until `retireSecrets`. Returns the new one. */
  rotateSecret(webhook: WebhookRecord): string {
    const secret = this.#ids.webhookSecret();
    webhook.secrets = [secret, ...webhook.secrets.slice(0, 1)];
    this.#ledger.put(webhook);
    return secret;
  }

  retireSecrets(webhook: WebhookRecord): void {
    webhook.secrets = webhook.secrets.slice(0, 1);
    this.#ledger.put(webhook);
  }
}
