import type { PresenceStatus } from '../../wire/index.js';
import type { Ledger } from './ledger.js';

/** How long what an agent says of itself holds while it has no socket open. */
const SAID_LASTS_MS = 5 * 60_000;

/** How an agent is. */
export interface PresenceRecord {
  readonly status: PresenceStatus;
  readonly customMessage: string | null;
  /** Milliseconds since 1970: when it last connected, disconnected, or said how it is. */
  readonly lastSeen: number | null;
}

/** What is known of how an agent is. */
export interface KnownPresence {
  readonly handle: string;
  said: { status: PresenceStatus; customMessage: string | null; at: number } | undefined;
  isConnected: boolean;
  lastSeen: number;
}

const UNKNOWN: PresenceRecord = { status: 'offline', customMessage: null, lastSeen: null };

/** How every agent is: what it says, else whether a socket of it is open. */
export class Presences {
  readonly #byHandle = new Map<string, KnownPresence>();
  readonly #ledger: Ledger<KnownPresence>;

  constructor(ledger: Ledger<KnownPresence>) {
    this.#ledger = ledger;
  }

  of(handle: string, now: number): PresenceRecord {
    const known = this.#byHandle.get(handle);
    if (known === undefined) return UNKNOWN;
    const { isConnected, lastSeen } = known;
    // Without a socket nobody says when an agent is gone.
    const said = isConnected || (known.said?.at ?? 0) + SAID_LASTS_MS > now ? known.said : undefined;
    if (said !== undefined) return { status: said.status, customMessage: said.customMessage, lastSeen };
    return { status: isConnected ? 'online' : 'offline', customMessage: null, lastSeen };
  }

  /** What is left out stays, as long as it still holds. */
  say(handle: string, status: PresenceStatus, customMessage: string | null | undefined, now: number): void {
    const before = this.of(handle, now).customMessage;
    const known = this.#known(handle, now);
    known.said = { status, customMessage: customMessage === undefined ? before : customMessage, at: now };
    this.#ledger.put(known);
  }

  /** The first socket was opened, or the last one has closed. */
  connected(handle: string, isConnected: boolean, now: number): void {
    const known = this.#known(handle, now);
    // What has ceased to hold is not to come back with the next socket.
    if (!known.isConnected && (known.said?.at ?? 0) + SAID_LASTS_MS <= now) known.said = undefined;
    known.isConnected = isConnected;
    this.#ledger.put(known);
  }

  /** Takes up what was known before. */
  restore(known: KnownPresence): void {
    this.#byHandle.set(known.handle, known);
  }

  all(): IterableIterator<KnownPresence> {
    return this.#byHandle.values();
  }

  #known(handle: string, now: number): KnownPresence {
    let known = this.#byHandle.get(handle);
    if (known === undefined) {
      known = { handle, said: undefined, isConnected: false, lastSeen: now };
      this.#byHandle.set(handle, known);
    }
    known.lastSeen = now;
    return known;
  }
}
