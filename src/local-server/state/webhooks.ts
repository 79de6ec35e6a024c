import type { WebhookEvent } from '../../wire/index.js';
import type { IdSource } from '../ids.js';

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

  constructor(ids: IdSource) {
    this.#ids = ids;
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
    this.#byId.set(webhook.id, webhook);
    return webhook;
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
    this.#byId.delete(webhook.id);
  }

  /** Signs with another secret from now on, and with the last one until `retireSecrets`. Returns the new one. */
  rotateSecret(webhook: WebhookRecord): string {
    const secret = this.#ids.webhookSecret();
    webhook.secrets = [secret, ...webhook.secrets.slice(0, 1)];
    return secret;
  }

  retireSecrets(webhook: WebhookRecord): void {
    webhook.secrets = webhook.secrets.slice(0, 1);
  }
}
