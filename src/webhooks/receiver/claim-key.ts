import { messageClaimKey } from '../../stores/index.js';
import type { WebhookPayload } from '../../wire/index.js';
import { readBody, type WebhookBody } from '../body.js';
import { utf8 } from '../web-hmac.js';

/**
 * What an event is known by. A message has an id, by which it is also known when it comes over the WebSocket; other
 * events are known by their bytes, which a sender's retry repeats.
 */
export async function claimKeyOf({ event, data }: WebhookPayload, body: WebhookBody): Promise<string> {
  const { id } = data as { id?: unknown };
  if (event === 'message.new' && typeof id === 'string' && id !== '') return messageClaimKey(id);
  const read = readBody(body);
  const digest = await crypto.subtle.digest('SHA-256', typeof read === 'string' ? utf8(read) : read.slice());
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${event}:${hex}`;
}
