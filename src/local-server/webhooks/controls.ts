import { normalizeHandle, WEBHOOK_EVENTS, type WebhookEvent } from '../../wire/index.js';
import { badOption, text } from '../check.js';
import type { WebhookRecord } from '../state/webhooks.js';
import type { World } from '../state/world.js';
import type { WebhookAttempt } from './attempts.js';
import type { Courier } from './courier.js';

/** A webhook as the operator sees it. */
export interface WebhookView {
  readonly id: string;
  /** The handle of its agent. */
  readonly owner: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  /** False once five deliveries in a row were given up. */
  readonly active: boolean;
  readonly createdAt: string;
}

/** The webhooks of a local server, behind the scenes. */
export interface WebhookControls {
  /** All webhooks, or those of one agent; without their secrets. A snapshot. */
  list(handle?: string): readonly WebhookView[];
  /** The last 10,000 attempts to deliver, oldest first; of all webhooks, or of one. A snapshot. */
  attempts(webhookId?: string): readonly WebhookAttempt[];
  /**
   * Delivers an event as if it had happened. `data` is sent as it is.
   *
   * @example server.webhooks.trigger('alice', 'group.deleted', { group_id: 'grp_1' });
   * @returns the ids of the deliveries: none when no active webhook of the agent wants the event.
   * @throws ValidationError when there is no such agent or event, or `data` is no object of JSON.
   */
  trigger(handle: string, event: WebhookEvent, data: Record<string, unknown>): readonly string[];
  /**
   * Issues another secret. Deliveries are signed with it and with the one before it, until `retireSecrets`.
   *
   * @throws ValidationError when there is no such webhook.
   */
  rotateSecret(webhookId: string): string;
  /** Signs with the newest secret only. @throws ValidationError when there is no such webhook. */
  retireSecrets(webhookId: string): void;
  /** Takes up a webhook again that was disabled. @throws ValidationError when there is no such webhook. */
  enable(webhookId: string): void;
  /**
   * Where an agent wants to be woken; `undefined`: nowhere. This server calls no such address, because what the service sends
   * there is not documented.
   */
  wakeUrl(handle: string): string | undefined;
  /** Resolves when no delivery waits or is under way. With the default schedule, retries wait for up to half an hour. */
  whenIdle(): Promise<void>;
}

export function createWebhookControls(world: World, courier: Courier): WebhookControls {
  const webhookOf = (id: string): WebhookRecord => {
    const webhook = world.webhooks.byId(id);
    if (webhook === undefined) throw badOption('webhookId', 'is the id of no webhook here');
    return webhook;
  };
  return {
    list: (handle) =>
      world.webhooks.all(handle === undefined ? undefined : normalizeHandle(handle)).map(viewOf),
    attempts: (webhookId) => courier.attempts.list(webhookId),
    trigger(handle, event, data) {
      const agent = world.agents.byHandle(normalizeHandle(text(handle, 'handle') ?? ''));
      if (agent === undefined) throw badOption('handle', 'is the handle of no agent here');
      if (!(WEBHOOK_EVENTS as readonly string[]).includes(event)) {
        throw badOption('event', `must be one of ${WEBHOOK_EVENTS.join(', ')}`);
      }
      if (!isJsonObject(data)) throw badOption('data', 'must be an object that JSON can hold');
      return courier.deliver(agent, event, data);
    },
    rotateSecret: (id) => world.webhooks.rotateSecret(webhookOf(id)),
    retireSecrets: (id) => world.webhooks.retireSecrets(webhookOf(id)),
    enable(id) {
      world.webhooks.enable(webhookOf(id));
    },
    wakeUrl: (handle) => world.wakeWebhooks.of(normalizeHandle(text(handle, 'handle') ?? ''))?.url,
    whenIdle: () => courier.whenIdle(),
  };
}

function isJsonObject(data: unknown): boolean {
  try {
    return JSON.stringify(data)?.startsWith('{') ?? false;
  } catch {
    return false;
  }
}

function viewOf({ id, owner, url, events, active, createdAt }: WebhookRecord): WebhookView {
  return { id, owner, url, events: [...events], active, createdAt };
}
