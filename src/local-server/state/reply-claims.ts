/** The name under which a process says that it is answering when it gives none. */
const NAMELESS = '';
/** How long "I am answering" holds when nothing is said about it. The service does not document its own. */
const ACTIVE_DEFAULT_MS = 60_000;
/** Messages whose claims are remembered; beyond it the oldest is forgotten. */
const MAX_CLAIMS = 10_000;

/** Which process of one agent answers: who is at it, and who has claimed which message. */
interface Coordination {
  /** By session, until when. */
  readonly active: Map<string, number>;
  /** By message, the holder. */
  readonly claims: Map<string, string>;
}

/** Coordination between the processes of each agent. */
export class ReplyClaims {
  readonly #byAgent = new Map<string, Coordination>();

  setActive(handle: string, session = NAMELESS, forMs = ACTIVE_DEFAULT_MS, now: number): void {
    this.#of(handle).active.set(session, now + forMs);
  }

  /** Ends one session, or without a name all of them. */
  clearActive(handle: string, session: string | undefined): void {
    const { active } = this.#of(handle);
    if (session === undefined) active.clear();
    else active.delete(session);
  }

  isActive(handle: string, now: number): boolean {
    const { active } = this.#of(handle);
    for (const [session, until] of active) if (until <= now) active.delete(session);
    return active.size > 0;
  }

  /** Whether the message is the holder's from now on, or was already. */
  claim(handle: string, messageId: string, holder: string): boolean {
    const { claims } = this.#of(handle);
    const known = claims.get(messageId);
    if (known !== undefined) return known === holder;
    claims.set(messageId, holder);
    const [oldest] = claims.keys();
    if (claims.size > MAX_CLAIMS && oldest !== undefined) claims.delete(oldest);
    return true;
  }

  #of(handle: string): Coordination {
    let coordination = this.#byAgent.get(handle);
    if (coordination === undefined) {
      coordination = { active: new Map(), claims: new Map() };
      this.#byAgent.set(handle, coordination);
    }
    return coordination;
  }
}
