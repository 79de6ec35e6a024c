import * as v from 'valibot';
import type { Delivery } from '../../state/deliveries.js';
import type { WakeWebhook } from '../../state/wake-webhooks.js';
import type { WebhookRecord } from '../../state/webhooks.js';
import { found, plainTableOf, type Table, tableOf } from './table.js';

export const wakeWebhooks: Table<WakeWebhook> = plainTableOf({
  schema: v.object({ owner: v.string(), url: v.string(), secret: v.string() }),
  keyOf: ({ owner }) => owner,
  restore: (world, row) => world.wakeWebhooks.restore(row),
  all: (world) => world.wakeWebhooks.all(),
});

export const webhooks: Table<WebhookRecord> = tableOf({
  schema: v.object({
    id: v.string(),
    owner: v.string(),
    url: v.string(),
    events: v.array(v.string()),
    createdAt: v.string(),
    secrets: v.array(v.string()),
    active: v.boolean(),
    givenUpInARow: v.number(),
  }),
  keyOf: ({ id }) => id,
  rowOf: ({ events, secrets, ...facts }) => ({ ...facts, events: [...events], secrets: [...secrets] }),
  restore: (world, row) => world.webhooks.restore(row),
  all: (world) => world.webhooks.all(),
});

export const deliveries: Table<Delivery> = tableOf({
  schema: v.object({
    id: v.string(),
    to: v.string(),
    webhook: v.string(),
    event: v.string(),
    body: v.string(),
    attempt: v.number(),
    dueAt: v.number(),
  }),
  keyOf: ({ id }) => id,
  rowOf: ({ to, webhook, ...facts }) => ({ ...facts, to: to.handle, webhook: webhook.id }),
  restore(world, row) {
    const webhook = world.webhooks.byId(row.webhook);
    // It was deleted while the delivery was under way.
    if (webhook === undefined) return;
    world.deliveries.restore({ ...row, webhook, to: found(world.agents.ever(row.to), 'an agent') });
  },
  all: (world) => world.deliveries.all(),
});
