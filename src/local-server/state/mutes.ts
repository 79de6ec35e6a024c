import type { MuteTargetKind } from '../../wire/index.js';

/** Whom or what an agent does not want to be told about. */
export interface Mute {
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

  /** Mutes, or replaces the expiry of a mute that is there. */
  set(muter: string, mute: Mute): void {
    let mutes = this.#byMuter.get(muter);
    if (mutes === undefined) {
      mutes = new Map();
      this.#byMuter.set(muter, mutes);
    }
    mutes.set(keyOf(mute.kind, mute.target), mute);
  }

  lift(muter: string, kind: MuteTargetKind, target: string): boolean {
    return this.#byMuter.get(muter)?.delete(keyOf(kind, target)) ?? false;
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
