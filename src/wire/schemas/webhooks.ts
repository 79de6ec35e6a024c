import * as z from 'zod/mini';
import type { Open, WebhookEvent } from '../enums.js';
import { checked, fields, filled, open, timestamp } from './shared.js';

export const webhookConfigSchema = z.looseObject({
  id: filled,
  url: z.string(),
  events: z.array(open<WebhookEvent>()),
  active: z.boolean(),
  created_at: timestamp,
  secret: z.exactOptional(z.string()),
});

export const webhookListResultSchema = z.looseObject({ webhooks: z.array(webhookConfigSchema) });

export const createWebhookRequestSchema = z.looseObject({
  url: checked(z.string(), z.regex(/^https?:\/\/[^\s/]/i, 'must be an http(s) address')),
  events: checked(z.array(open<WebhookEvent>()), z.minLength(1, 'must name at least one event')),
  secret: z.optional(filled),
});

export const webhookPayloadSchema = z.looseObject({
  event: open<WebhookEvent>(),
  timestamp,
  data: fields,
});

export const wakeWebhookRequestSchema = z.looseObject({
  url: checked(z.string(), z.regex(/^https:\/\/[^\s/]/i, 'must be an https address')),
  secret: filled,
});

export const wakeWebhookResponseSchema = z.looseObject({ state: z.exactOptional(open<Open<'active'>>()) });
