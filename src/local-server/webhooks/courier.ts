import type { ServerEventFrame } from '../../wire/index.js';
import type { WebhookPushes } from '../actions/broadcast.js';
import type { ReadReceipt } from '../actions/pushes.js';
import { isReceiving } from '../state/agents.js';
import type { Delivery } from '../state/deliveries.js';
import type { AgentRecord, StoredMessage } from '../state/records.js';
import { GIVEN_UP_UNTIL_DISABLED, type WebhookRecord } from '../state/webhooks.js';
import type { World } from '../state/world.js';
import { Attempts, type WebhookAttempt } from './attempts.js';
import { type PostOutcome, postSigned } from './post.js';
import { Turnstile } from './turnstile.js';

/** Attempts that the operator can look back on. */
const ATTEMPTS_KEPT = 10_000;
/** Deliveries that wait or are under way. Beyond it the service would have dropped the webhook long ago. */
const MOST_PENDING = 100_000;
/** Requests to one webhook that are under way at the same time. */
const MOST_AT_A_TIME = 20;

export interface CourierOptions {
  /** How long before each attempt, in milliseconds: as many attempts as there are numbers. */
  readonly scheduleMs: readonly number[];
  /** How long a receiver may take to answer. */
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

/**
 * Takes events to the addresses that agents have registered. Best effort and in no order: a webhook tells that something
 * happened, and changes nothing about what is undelivered.
 */
export class Courier implements WebhookPushes {
  readonly attempts = new Attempts(ATTEMPTS_KEPT);
  readonly #world: World;
  readonly #options: CourierOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #underWay = new Set<AbortController>();
  readonly #turnstiles = new WeakMap<WebhookRecord, Turnstile>();
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(world: World, options: CourierOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Deliveries that wait or are under way. */
  get pending(): number {
    return this.#closed ? 0 : this.#world.deliveries.size;
  }

  /** Resolves when nothing waits and nothing is under way. */
  whenIdle(): Promise<void> {
    return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  messageStored({ message, envelopes }: StoredMessage): void {
    const now = this.#world.now();
    for (const [handle, { membership }] of envelopes) {
      const silenced = this.#world.mutes.silences(handle, message.sender, message.conversation_id, now);
      if (!silenced) this.deliver(membership.agent, 'message.new', { ...message });
    }
  }

  messageRead({ to, reader, conversation, throughSeq, at }: ReadReceipt): void {
    const data = { conversation_id: conversation.id, through_seq: throughSeq, reader: reader.handle, at };
    this.deliver(to, 'message.read', data);
  }

  tell(to: AgentRecord, { type, payload }: ServerEventFrame): void {
    this.deliver(to, type, { ...payload });
  }

  /** Delivers an event to every webhook of the agent that wants it. Returns the ids of the deliveries. */
  deliver(to: AgentRecord, event: string, data: Record<string, unknown>): string[] {
    if (!isReceiving(to) || this.#closed) return [];
    const webhooks = this.#world.webhooks.subscribed(to.handle, event);
    if (webhooks.length === 0) return [];
    const body = JSON.stringify({ event, timestamp: this.#world.timestamp(), data });
    return webhooks.flatMap((webhook) => {
      if (this.pending >= MOST_PENDING) {
        this.#options.log(`webhook ${webhook.id} too many deliveries wait: ${event} dropped`);
        return [];
      }
      const id = this.#world.ids.next('dlv_');
      this.#plan({ id, to, webhook, event, body, attempt: 1, dueAt: 0 });
      return [id];
    });
  }

  /** Ends what waits and what is under way. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const request of this.#underWay) request.abort('closed');
    this.#settle();
  }

  /** Goes on with what waited when the server ended. */
  resume(): void {
    for (const delivery of this.#world.deliveries.all()) {
      this.#wait(delivery, Math.max(0, delivery.dueAt - this.#world.now()));
    }
  }

  #plan(delivery: Delivery): void {
    const delayMs = this.#options.scheduleMs[delivery.attempt - 1] ?? 0;
    delivery.dueAt = this.#world.now() + delayMs;
    this.#world.deliveries.plan(delivery);
    this.#wait(delivery, delayMs);
  }

  #wait(delivery: Delivery, delayMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#attempt(delivery).catch((error) => this.#options.log(`webhook attempt failed: ${String(error)}`));
    }, delayMs);
    // Waiting for a receiver keeps no program alive.
    timer.unref();
    this.#timers.add(timer);
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { webhook, attempt } = delivery;
    const turnstile = this.#turnstile(webhook);
    await turnstile.enter();
    const made = await this.#post(delivery).finally(() => turnstile.leave());
    if (this.#closed) return;
    if (made !== undefined) {
      this.attempts.add(made);
      const { event, status, error, outcome } = made;
      this.#options.log(`webhook ${webhook.id} ${event} attempt ${attempt}: ${status ?? error}, ${outcome}`);
      if (outcome === 'will_retry') {
        delivery.attempt += 1;
        this.#plan(delivery);
        return;
      }
      this.#judge(webhook, outcome);
    }
    this.#finished(delivery);
  }

  /** `undefined` when the webhook is no longer there, or its agent gets nothing at the moment. */
  async #post(delivery: Delivery): Promise<WebhookAttempt | undefined> {
    const { id, to, webhook, event, body, attempt } = delivery;
    if (this.#closed || !webhook.active || !isReceiving(to)) return undefined;
    const { url, secrets } = webhook;
    const at = this.#world.timestamp();
    const timestamp = Math.floor(this.#world.now() / 1000);
    const posted = await this.#inTime((signal) => postSigned(url, body, secrets, timestamp, signal));
    const status = posted.kind === 'answered' ? posted.status : null;
    const error = posted.kind === 'answered' ? null : posted.error;
    const isDelivered = status !== null && status >= 200 && status < 300;
    const isLast = attempt >= this.#options.scheduleMs.length;
    const outcome = isDelivered ? 'delivered' : isLast ? 'given_up' : 'will_retry';
    return { webhookId: webhook.id, deliveryId: id, event, url, attempt, at, status, error, outcome };
  }

  async #inTime(post: (signal: AbortSignal) => Promise<PostOutcome>): Promise<PostOutcome> {
    const request = new AbortController();
    const timer = setTimeout(() => request.abort('timeout'), this.#options.timeoutMs);
    this.#underWay.add(request);
    const posted = await post(request.signal);
    this.#underWay.delete(request);
    clearTimeout(timer);
    return posted;
  }

  #judge(webhook: WebhookRecord, outcome: 'delivered' | 'given_up'): void {
    if (!this.#world.webhooks.judge(webhook, outcome)) return;
    this.#options.log(
      `webhook ${webhook.id} disabled: ${GIVEN_UP_UNTIL_DISABLED} deliveries in a row failed`,
    );
  }

  #turnstile(webhook: WebhookRecord): Turnstile {
    const known = this.#turnstiles.get(webhook) ?? new Turnstile(MOST_AT_A_TIME);
    this.#turnstiles.set(webhook, known);
    return known;
  }

  #finished(delivery: Delivery): void {
    this.#world.deliveries.end(delivery);
    if (this.pending === 0) this.#settle();
  }

  #settle(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
