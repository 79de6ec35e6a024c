/**
 * What became of the attempt to claim something.
 * - `claimed`: it is yours. Commit it when it is handled, release it when that failed.
 * - `in_progress`: somebody else has claimed it and has not finished.
 * - `done`: it was handled before.
 */
export type Claim =
  | {
      readonly state: 'claimed';
      /** Tells this claim from a later one of the same key: an expired claim can neither commit nor release. */
      readonly token: string;
      /**
       * How long it holds, in milliseconds, unless it is renewed. Whoever holds it renews it three times in that time.
       * Without it, or in a store without `renew`, a claim must hold for longer than any handler takes.
       */
      readonly leaseMs?: number | undefined;
    }
  | { readonly state: 'in_progress' }
  | { readonly state: 'done' };

/**
 * Remembers what has been handled, so that what comes twice (by webhook and by WebSocket, or as a sender's retry) is
 * handled once. Whoever shares a store shares the memory: several processes of one agent need one that they all reach, and
 * two agents need one each.
 */
export interface DedupeStore {
  /** Claims the key, unless it is claimed or done. Must be atomic: of two that ask at once, one gets it. */
  claim(key: string): Promise<Claim>;
  /** It is handled. Does nothing when the claim has expired and somebody else holds it. */
  commit(key: string, token: string): Promise<void>;
  /** It is not handled: the next may claim it. Does nothing when the claim has expired and somebody else holds it. */
  release(key: string, token: string): Promise<void>;
  /**
   * It is still being handled: the claim holds for another `leaseMs`. Does nothing when it has expired and somebody else
   * holds it. Optional.
   */
  renew?(key: string, token: string): Promise<void>;
}

const MESSAGE_PREFIX = 'message.new:';

/** The key under which a message is claimed, whichever way it came. */
export function messageClaimKey(messageId: string): string {
  return `${MESSAGE_PREFIX}${messageId}`;
}

/** The message that is claimed under a key; null when it is something else. */
export function messageIdOf(claimKey: string): string | null {
  return claimKey.startsWith(MESSAGE_PREFIX) ? claimKey.slice(MESSAGE_PREFIX.length) : null;
}
