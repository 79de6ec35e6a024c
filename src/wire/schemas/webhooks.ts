import * as v from 'valibot';
import type { Open, WebhookEvent } from '../enums.js';
import { fields, filled, later, object, open, timestamp } from './shared.js';

export const webhookConfigSchema = later(() =>
  object({
    id: filled(),
    url: v.string(),
    events: v.array(open<WebhookEvent>()),
    active: v.boolean(),
    created_at: timestamp(),
    secret: v.exactOptional(v.string()),
  }),
);

export const webhookListResultSchema = later(() => object({ webhooks: v.array(webhookConfigSchema()) }));

export const createWebhookRequestSchema = later(() =>
  object({
    url: v.pipe(v.string(), v.regex(/^https?:\/\/[^\s/]/i, 'must be an http(s) address')),
    events: v.pipe(v.array(open<WebhookEvent>()), v.minLength(1, 'must name at least one event')),
    secret: v.optional(filled()),
  }),
);

export const webhookPayloadSchema = later(() =>
  object({
    event: open<WebhookEvent>(),
    timestamp: timestamp(),
    data: fields(),
  }),
);

export const wakeWebhookRequestSchema = later(() =>
  object({
    url: v.pipe(v.string(), v.regex(/^https:\/\/[^\s/]/i, 'must be an https address')),
    secret: filled(),
  }),
);

export const wakeWebhookResponseSchema = later(() =>
  object({ state: v.exactOptional(open<Open<'active'>>()) }),
);
