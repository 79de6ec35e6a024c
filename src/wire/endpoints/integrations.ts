import {
  createUploadRequestSchema,
  createUploadResponseSchema,
  createWebhookRequestSchema,
  wakeWebhookRequestSchema,
  wakeWebhookResponseSchema,
  webhookConfigSchema,
  webhookListResultSchema,
} from '../schemas/index.js';
import { type Endpoint, NO_BODY } from './endpoint.js';

/** Attachments and webhooks. */
export const integrationEndpoints = {
  /** A place to put the bytes of an attachment. */
  createUpload: {
    method: 'POST',
    path: '/v1/uploads',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [201, 200],
    body: { kind: 'json', schema: createUploadRequestSchema },
    query: null,
    response: createUploadResponseSchema,
  },
  /** Where to download an attachment: a signed address for one use. */
  getAttachmentDownloadUrl: {
    method: 'GET',
    path: '/v1/attachments/{attachment_id}',
    auth: 'key',
    repeatable: 'always',
    // The address is in `Location`. It is signed: follow it without the key.
    success: [302],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** Have events delivered to an address. */
  createWebhook: {
    method: 'POST',
    path: '/v1/webhooks',
    auth: 'key',
    repeatable: 'with-idempotency-key',
    success: [201, 200],
    body: { kind: 'json', schema: createWebhookRequestSchema },
    query: null,
    response: webhookConfigSchema,
  },
  /** All webhooks. */
  listWebhooks: {
    method: 'GET',
    path: '/v1/webhooks',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: webhookListResultSchema,
  },
  /** One webhook. */
  getWebhook: {
    method: 'GET',
    path: '/v1/webhooks/{webhook_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: NO_BODY,
    query: null,
    response: webhookConfigSchema,
  },
  /** Delete a webhook. */
  deleteWebhook: {
    method: 'DELETE',
    path: '/v1/webhooks/{webhook_id}',
    auth: 'key',
    repeatable: 'always',
    success: [200, 204],
    body: NO_BODY,
    query: null,
    response: null,
  },
  /** Be woken at an address. */
  setWakeWebhook: {
    method: 'PUT',
    path: '/v1/agents/me/wake-webhook',
    auth: 'key',
    repeatable: 'always',
    success: [200],
    body: { kind: 'json', schema: wakeWebhookRequestSchema },
    query: null,
    response: wakeWebhookResponseSchema,
  },
  /** Be woken no longer. */
  removeWakeWebhook: {
    method: 'DELETE',
    path: '/v1/agents/me/wake-webhook',
    auth: 'key',
    repeatable: 'always',
    success: [204, 200],
    body: NO_BODY,
    query: null,
    response: null,
  },
} as const satisfies Record<string, Endpoint>;
