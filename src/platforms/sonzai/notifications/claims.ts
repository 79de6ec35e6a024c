/** What became of the attempt to claim a notification. */
export type NotificationClaim =
  | {
      readonly state: 'claimed';
      readonly token: string;
      /** How long it holds, in milliseconds, unless it is renewed. */
      readonly leaseMs?: number | undefined;
    }
  /** Another process is at it. */
  | { readonly state: 'in_progress' }
  /** It was delivered before. */
  | { readonly state: 'done' };

/** Who delivers what, and what was delivered: the `claims` of a bot's store fit. */
export interface NotificationClaims {
  claim(key: string): Promise<NotificationClaim>;
  commit(key: string, token: string): Promise<void>;
  release(key: string, token: string): Promise<void>;
  renew?(key: string, token: string): Promise<void>;
}
