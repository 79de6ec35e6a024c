export {
  type WebhookMisuse,
  type WebhookRefusal,
  WebhookVerificationError,
  type WebhookVerificationReason,
} from '../errors/index.js';
export type {
  KnownWebhookPayload,
  UnknownWebhookEvent,
  UnknownWebhookPayload,
  WebhookEvent,
  WebhookEventMap,
  WebhookPayload,
} from '../wire/index.js';
export type { WebhookBody } from './body.js';
export type { VerifiedWebhook, VerifyWebhookOptions, WebhookVerification } from './request.js';
export type { WebhookSecrets } from './secrets.js';
export { type SignWebhookOptions, signWebhook, signWebhookSync } from './sign.js';
export { SIGNATURE_HEADER, type WebhookSignature } from './signature.js';
export { identifyWebhook, verifyWebhook, verifyWebhookSync } from './verify.js';
