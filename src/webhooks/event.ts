import { WebhookVerificationError } from '../errors/index.js';
import type { WebhookPayload } from '../wire/index.js';

/**
 * What an authentic body says. Its name and its data are what a handler goes by; nothing else is asked for, since a
 * refusal loses the event.
 *
 * @throws WebhookVerificationError `malformed_payload` when it is no event, also when there is no text to be had.
 */
export function readEvent(text: () => string): WebhookPayload {
  let value: Partial<WebhookPayload> | null | undefined;
  try {
    value = JSON.parse(text());
  } catch {
    // No value is no event: refused below, like any other that is none.
  }
  const data = value?.data;
  if (typeof value?.event !== 'string' || !data || typeof data !== 'object' || Array.isArray(data)) {
    throw new WebhookVerificationError('malformed_payload');
  }
  return value as WebhookPayload;
}
