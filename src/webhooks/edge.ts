// The same door as index.ts, for runtimes without node:crypto. package.json says who gets which; the names are the same.
export { WebhookVerificationError } from '../errors/index.js';
export { signWebhook, signWebhookSync } from './sign.js';
export { SIGNATURE_HEADER } from './signature.js';
export { verifyWebhookSync } from './verify.js';
export { identifyWebhook, verifyWebhook } from './verify-edge.js';
