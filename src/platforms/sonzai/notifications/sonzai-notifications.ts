import { type Clock, systemClock } from '../../../clock/index.js';
import { tell } from '../../../http/index.js';
import { pause } from '../pause.js';
import type { Notification } from '../records/notification.js';
import { type DeliveryParts, deliver } from './delivery.js';
import { checkNotificationOptions, type SonzaiNotificationsOptions } from './options.js';

const LABEL = 'Delivering the notifications of Sonzai';
const DEFAULT_EVERY_MS = 30_000;
/** As many as the platform gives at a time: those that cannot be delivered must not hide the others. */
const PAGE = 500;
/** What fails is tried again after one round, two, four, ...: in the end once an hour. */
const LONGEST_DELAY_MS = 3_600_000;

/** A notification that could not be delivered. */
interface Setback {
  readonly failures: number;
  readonly tryAgainAt: number;
}

/**
 * Delivers what an agent of Sonzai wants to say without having been asked: asks the platform for it again and again, sends it through your
 * bot, and consumes it, each once, also when the process dies in between.
 *
 * @example
 * const notifications = new SonzaiNotifications({
 *   client: sonzai,
 *   agentId: 'luna',
 *   store: bot.store,
 *   send: (to, text, { key }) => bot.client.sendMessage({ to, content: text, client_msg_id: key }),
 * });
 * notifications.start();
 * await bot.run();
 * await notifications.stop();
 */
export class SonzaiNotifications {
  readonly #options: SonzaiNotificationsOptions;
  readonly #clock: Clock;
  readonly #setbacks = new Map<string, Setback>();
  #stopping: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @throws ValidationError that names the option that is missing, unknown, or cannot be. */
  constructor(options: SonzaiNotificationsOptions) {
    this.#options = checkNotificationOptions(options);
    this.#clock = this.#options.clock ?? systemClock;
  }

  /** Begins, with a look right away. Does nothing while it runs. */
  start(): void {
    if (this.#stopping !== undefined) return;
    const stopping = new AbortController();
    this.#stopping = stopping;
    this.#running = this.#running.then(() => this.#run(stopping.signal));
  }

  /** Looks no more, and resolves when what is being delivered is delivered. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
    this.#stopping = undefined;
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { everyMs = DEFAULT_EVERY_MS } = this.#options;
    for (let failures = 0; !signal.aborted; ) {
      failures = (await this.#round(signal)) ? 0 : failures + 1;
      const delayMs = Math.min(everyMs * 2 ** failures, Math.max(everyMs, LONGEST_DELAY_MS));
      await pause(this.#clock, delayMs, signal, LABEL).catch(() => {});
    }
  }

  /** @returns Whether the platform could be asked. */
  async #round(signal: AbortSignal): Promise<boolean> {
    let pending: readonly Notification[];
    try {
      pending = await this.#pending(signal);
    } catch (error) {
      if (!signal.aborted) this.#report(error);
      return false;
    }
    this.#forgetAllBut(pending);
    // What somebody could not be sent holds up what comes after it, for them alone.
    const held = new Set<string>();
    for (const notification of pending) {
      if (signal.aborted) break;
      if (held.has(notification.user_id)) continue;
      if (!(await this.#try(notification, signal))) held.add(notification.user_id);
    }
    return true;
  }

  /** Oldest first. What cannot be read is left out. */
  async #pending(signal: AbortSignal): Promise<readonly Notification[]> {
    const { client, agentId } = this.#options;
    const query = { status: 'pending', limit: PAGE };
    const { notifications } = await client.agents.notifications.list(agentId, query, { signal });
    return (
      notifications
        .filter(isReadable)
        // Whatever the platform makes of the query: what was consumed is not sent again.
        .filter(({ status, consumed_at }) => status !== 'consumed' && consumed_at == null)
        .sort((one, other) => String(one.created_at).localeCompare(String(other.created_at)))
    );
  }

  /** @returns False when it was not delivered. */
  async #try(notification: Notification, signal: AbortSignal): Promise<boolean> {
    const { message_id } = notification;
    const setback = this.#setbacks.get(message_id);
    if (setback !== undefined && this.#clock.now() < setback.tryAgainAt) return false;
    try {
      const to = this.#recipient(notification);
      // It is somebody else's to deliver.
      if (to === null) return true;
      const isDelivered = await deliver(notification, this.#partsFor(to, signal));
      this.#setbacks.delete(message_id);
      return isDelivered;
    } catch (error) {
      this.#setBack(message_id, (setback?.failures ?? 0) + 1);
      this.#report(error);
      return false;
    }
  }

  #recipient(notification: Notification): string | null {
    const { recipient } = this.#options;
    return recipient === undefined ? notification.user_id : recipient(notification);
  }

  #partsFor(to: string, signal: AbortSignal): DeliveryParts {
    const { client, agentId, store, send } = this.#options;
    return {
      agentId,
      claims: store.claims,
      clock: this.#clock,
      send: async (notification, key) =>
        send(to, notification.generated_message, { key, notification, signal }),
      consume: ({ message_id }) => client.agents.notifications.consume(agentId, message_id),
    };
  }

  #setBack(messageId: string, failures: number): void {
    const { everyMs = DEFAULT_EVERY_MS } = this.#options;
    const delayMs = Math.min(everyMs * 2 ** (failures - 1), LONGEST_DELAY_MS);
    this.#setbacks.set(messageId, { failures, tryAgainAt: this.#clock.now() + delayMs });
  }

  #forgetAllBut(pending: readonly Notification[]): void {
    const ids = new Set(pending.map(({ message_id }) => message_id));
    for (const id of this.#setbacks.keys()) if (!ids.has(id)) this.#setbacks.delete(id);
  }

  #report(error: unknown): void {
    const { onError } = this.#options;
    if (onError !== undefined) {
      tell(onError, error);
      return;
    }
    const what = error instanceof Error ? error.message : String(error);
    console.error(`agentchat-client: ${LABEL}: ${what}`);
  }
}

function isReadable(notification: Notification | null): notification is Notification {
  const { message_id, user_id, generated_message } = notification ?? {};
  return [message_id, user_id].every(isFilled) && typeof generated_message === 'string';
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
