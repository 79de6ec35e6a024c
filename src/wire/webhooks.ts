import type { WebhookEvent } from './enums.js';

export interface WebhookConfig {
  id: string;
  url: string;
  events: WebhookEvent[];
  active: boolean;
  created_at: string;
  /** Only in the answer to the creation, and only from servers that issue secrets. */
  secret?: string;
}

export interface CreateWebhookRequest {
  url: string;
  events: WebhookEvent[];
  secret?: string | undefined;
}

export interface WebhookListResult {
  webhooks: WebhookConfig[];
}

/** The body of a delivery. */
export interface WebhookPayload {
  event: WebhookEvent;
  timestamp: string;
  data: Record<string, unknown>;
}
