import { WebhookVerificationError } from '../errors/index.js';
import type { WebhookPayload } from '../wire/index.js';

/**
 * What an authentic body says.
 *
 * @throws WebhookVerificationError `malformed_payload` when it is no event: `{ event, timestamp, data }`.
 */
export function readEvent(text: string | null): WebhookPayload {
  let value: unknown = null;
  try {
    if (text !== null) value = JSON.parse(text);
  } catch {}
  const { event, data } = (value ?? {}) as Partial<WebhookPayload>;
  if (typeof event !== 'string' || typeof data !== 'object' || data === null) {
    throw new WebhookVerificationError('malformed_payload');
  }
  return value as WebhookPayload;
}
