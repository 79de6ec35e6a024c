import type { PresenceStatus } from './enums.js';

export interface Presence {
  handle: string;
  status: PresenceStatus;
  custom_message: string | null;
  last_seen: string | null;
}

export interface PresenceUpdate {
  status: PresenceStatus;
  /** At most 200 characters; `null` clears. */
  custom_message?: string | null | undefined;
}

/** Some servers answer with the presence, some with `{ ok: true }` alone. */
export interface PresenceUpdateResponse extends Presence {
  ok?: boolean;
}

export interface PresenceBatchRequest {
  /** At most 100. */
  handles: string[];
}

/** Servers differ: some answer under `presences`, some under `results`. */
export interface PresenceBatchResponse {
  presences?: Presence[];
  results?: Presence[] | Record<string, Presence>;
}

/** A contact's new presence, as pushed. */
export interface PresenceBroadcast {
  handle: string;
  status: PresenceStatus;
  custom_message: string | null;
}
