import type { Ledger } from './ledger.js';

/** The name under which a process says that it is answering when it gives none. */
const NAMELESS = '';
/** How long "I am answering" holds when nothing is said about it. The service does not document its own. */
const ACTIVE_DEFAULT_MS = 60_000;
/** Messages whose claims are remembered; beyond it the oldest is forgotten. */
const MAX_CLAIMS = 10_000;

/** That a process of an agent is answering. */
export interface ReplySession {
  readonly handle: string;
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** That a process of an agent answers a message, and no other does. */
export interface ReplyClaim {
  readonly handle: string;
  readonly messageId: string;
  readonly holder: string;
}

/** Which process of one agent answers: who is at it, and who has claimed which message. */
interface Coordination {
  /** By name. */
  readonly active: Map<string, ReplySession>;
  /** By message. */
  readonly claims: Map<string, ReplyClaim>;
}

/** Coordination between the processes of each agent. */
export class ReplyClaims {
  readonly #byAgent = new Map<string, Coordination>();
  readonly #ledger: Ledger<ReplyClaim>;
  readonly #sessions: Ledger<ReplySession>;

  constructor(ledger: Ledger<ReplyClaim>, sessions: Ledger<ReplySession>) {
    this.#ledger = ledger;
    this.#sessions = sessions;
  }

  setActive(handle: string, session = NAMELESS, forMs = ACTIVE_DEFAULT_MS, now: number): void {
    const record: ReplySession = { handle, session, until: now + forMs };
    this.restoreSession(record);
    this.#sessions.put(record);
  }

  /** Ends one session, or without a name all of them. */
  clearActive(handle: string, session: string | undefined): void {
    for (const record of this.#of(handle).active.values()) {
      if (session === undefined || record.session === session) this.#end(record);
    }
  }

  isActive(handle: string, now: number): boolean {
    const { active } = this.#of(handle);
    for (const record of active.values()) if (record.until <= now) this.#end(record);
    return active.size > 0;
  }

  /** Whether the message is the holder's from now on, or was already. */
  claim(handle: string, messageId: string, holder: string): boolean {
    const { claims } = this.#of(handle);
    const known = claims.get(messageId);
    if (known !== undefined) return known.holder === holder;
    const claim: ReplyClaim = { handle, messageId, holder };
    this.restore(claim);
    this.#ledger.put(claim);
    const [oldest] = claims.values();
    if (claims.size > MAX_CLAIMS && oldest !== undefined) {
      claims.delete(oldest.messageId);
      this.#ledger.remove(oldest);
    }
    return true;
  }

  /** Takes up a claim that was made before. */
  restore(claim: ReplyClaim): void {
    this.#of(claim.handle).claims.set(claim.messageId, claim);
  }

  /** Takes up a session that has been before. */
  restoreSession(session: ReplySession): void {
    this.#of(session.handle).active.set(session.session, session);
  }

  *all(): Generator<ReplyClaim, void> {
    for (const { claims } of this.#byAgent.values()) yield* claims.values();
  }

  *sessions(): Generator<ReplySession, void> {
    for (const { active } of this.#byAgent.values()) yield* active.values();
  }

  #end(session: ReplySession): void {
    this.#of(session.handle).active.delete(session.session);
    this.#sessions.remove(session);
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
