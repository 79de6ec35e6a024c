/** One try to deliver one event, as the operator sees it. */
export interface WebhookAttempt {
  readonly webhookId: string;
  /** The same for all attempts of one delivery. */
  readonly deliveryId: string;
  readonly event: string;
  readonly url: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** ISO 8601. */
  readonly at: string;
  /** The status that the receiver answered; null when there was no answer. */
  readonly status: number | null;
  /** Why there was no answer: `timeout`, `refused`, `failed`, or the code of the system, such as `ECONNRESET`. */
  readonly error: string | null;
  /** - `delivered`: answered 2xx; - `will_retry`: comes again; - `given_up`: the schedule is exhausted. */
  readonly outcome: 'delivered' | 'will_retry' | 'given_up';
}

/** The last attempts, bounded. */
export class Attempts {
  readonly #kept: WebhookAttempt[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  add(attempt: WebhookAttempt): void {
    this.#kept.push(attempt);
    if (this.#kept.length > this.#most) this.#kept.shift();
  }

  /** Oldest first, of one webhook or of all. A snapshot. */
  list(webhookId?: string): WebhookAttempt[] {
    return this.#kept.filter((attempt) => webhookId === undefined || attempt.webhookId === webhookId);
  }
}
