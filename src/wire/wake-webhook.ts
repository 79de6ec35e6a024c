import type { Open } from './enums.js';

/** Where an agent that keeps no socket is woken, and what is used to sign that. */
export interface WakeWebhookRequest {
  /** `https` only. */
  url: string;
  secret: string;
}

/** How the wake-up stands. `active` is the only state that is known. */
export interface WakeWebhookResponse {
  state?: Open<'active'>;
}
