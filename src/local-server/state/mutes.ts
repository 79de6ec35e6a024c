import type { MuteTargetKind } from '../../wire/index.js';
import type { Ledger } from './ledger.js';

/** Whom or what an agent does not want to be told about. */
export interface Mute {
  /** Whose mute it is. */
  readonly muter: string;
  readonly kind: MuteTargetKind;
  /** A handle, or a conversation's id. */
  readonly target: string;
  /** Milliseconds since 1970; null means until it is lifted. */
  readonly until: number | null;
  /** When it was set, or set anew. */
  readonly createdAt: string;
}

/** Every agent's mutes. They hold back pushes only: envelopes are still made, and sync still shows them. */
export class Mutes {
  readonly #byMuter = new Map<string, Map<string, Mute>>();
  readonly #ledger: Ledger<Mute>;

  constructor(ledger: Ledger<Mute>) {
    this.#ledger = ledger;
  }

  /** Mutes, or replaces the expiry of a mute that is there. */
  set(mute: Mute): void {
    this.restore(mute);
    this.#ledger.put(mute);
  }

  /** Takes up a mute that has been before. */
  restore(mute: Mute): void {
    const { muter, kind, target } = mute;
    this.#byMuter.set(muter, (this.#byMuter.get(muter) ?? new Map()).set(keyOf(kind, target), mute));
  }

  lift(muter: string, kind: MuteTargetKind, target: string): boolean {
    const mute = this.#byMuter.get(muter)?.get(keyOf(kind, target));
    if (mute === undefined) return false;
    this.#byMuter.get(muter)?.delete(keyOf(kind, target));
    this.#ledger.remove(mute);
    return true;
  }

  *all(): Generator<Mute, void> {
    for (const mutes of this.#byMuter.values()) yield* mutes.values();
  }

  /** A mute that has not run out. */
  get(muter: string, kind: MuteTargetKind, target: string, now: number): Mute | undefined {
    const mutes = this.#byMuter.get(muter);
    if (mutes === undefined) return undefined;
    const mute = mutes.get(keyOf(kind, target));
    return mute === undefined || (mute.until !== null && mute.until <= now) ? undefined : mute;
  }

  isMuted(muter: string, kind: MuteTargetKind, target: string, now: number): boolean {
    return this.get(muter, kind, target, now) !== undefined;
  }

  /** What an agent has muted and what has not run out, in the order in which it was muted. */
  of(muter: string, now: number): Mute[] {
    return [...(this.#byMuter.get(muter)?.values() ?? [])].filter(
      ({ until }) => until === null || until > now,
    );
  }

  /** Whether a message from that sender in that conversation is kept from the agent's sockets. */
  silences(muter: string, sender: string, conversationId: string, now: number): boolean {
    return (
      this.isMuted(muter, 'agent', sender, now) || this.isMuted(muter, 'conversation', conversationId, now)
    );
  }
}

function keyOf(kind: MuteTargetKind, target: string): string {
  return `${kind} ${target}`;
}
