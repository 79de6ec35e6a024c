import type { Clock } from '../../../clock/index.js';
import type { DedupeStore } from '../../../stores/index.js';
import type { Notification } from '../records/notification.js';
import { HeldClaim } from './held-claim.js';

/** What delivering needs to know and to do. */
export interface DeliveryParts {
  readonly agentId: string;
  readonly claims: DedupeStore;
  readonly clock: Clock;
  /** Sends it. */
  send(notification: Notification, key: string): Promise<unknown>;
  /** Tells the platform that the person has got it. */
  consume(notification: Notification): Promise<unknown>;
}

/**
 * Delivers one notification, once.
 *
 * It is claimed, sent, noted as sent, and consumed, in this order. A process that dies before the note sends again, with the same key;
 * one that dies after it only consumes.
 *
 * @returns False when another process is at it.
 * @throws What sending, consuming or the store fail with. The next call goes on where it stopped.
 */
export async function deliver(notification: Notification, parts: DeliveryParts): Promise<boolean> {
  const { agentId, claims, clock } = parts;
  const name = `${agentId}/${notification.message_id}`;
  const claimKey = `sonzai.notification:${name}`;
  const claim = await claims.claim(claimKey);
  if (claim.state === 'in_progress') return false;
  if (claim.state === 'claimed') {
    const held = new HeldClaim(claims, clock, claimKey, claim);
    try {
      // Without a text there is nothing to be delivered.
      if (notification.generated_message.trim() !== '') await parts.send(notification, await keyOf(name));
    } catch (error) {
      await held.release().catch(() => {});
      throw error;
    }
    await held.commit();
  }
  await parts.consume(notification);
  return true;
}

/** A key that fits where ids have to be short: ids of the platform may be anything. */
async function keyOf(name: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `sonzai_${hex.slice(0, 32)}`;
}
