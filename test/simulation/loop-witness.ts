import type { Facts } from './facts.js';
import type { Schedule } from './schedule.js';

/** BP-2: what handlers may use of the loop before they have to wait for its next turn. */
const SLICE_MS = 30;
/** Calls that take no time lengthen a slice by next to nothing. */
const MARGIN_MS = 3;
/**
 * What was begun before the slice was used up goes on: calls of as many conversations as a schedule has, behind promises;
 * or as many as share a look at the clock, because the one before them took no time.
 */
const CALLS_UNDER_WAY = 4;
/** What was deferred to the turn may use another slice before the turn is over. */
const SLICES_PER_TURN = 2;
/** A busy handler keeps the loop for so long, at most. */
export const LONGEST_TOIL_MS = 80;
/** The longest turn that there may be. */
export const LONGEST_TURN_MS = mostPerTurn(LONGEST_TOIL_MS);

/**
 * An ack goes out with the next turn; by the cursor a quarter of a second later, and its answer takes a moment. Until it is
 * known which of the two a message is due, the rows of the queue are read, between handlers.
 */
const ACKED_MS = 4_000;
/** What may hold acks up for other reasons. */
const HOLDS_UP: ReadonlySet<string> = new Set([
  'rest',
  'network',
  'reader',
  'half-open',
  'pause',
  'freeze',
  'hide',
]);

export interface LoopWitnessPorts {
  readonly facts: Facts;
  now(): number;
  /** Whether there is a session that takes acks. */
  takesAcks(): boolean;
}

/** BP-2: watches that handlers which work without waiting leave the event loop its turns, and that acks leave meanwhile. */
export class LoopWitness {
  private usedMs = 0;
  private longestMs = 0;
  /** What was handled and is not acknowledged, and since when. */
  private readonly unacked = new Map<string, number>();
  private readonly watchesAcks: boolean;

  constructor(
    private readonly ports: LoopWitnessPorts,
    { acks, hasStore, hasClaims, bounds, actions }: Schedule,
  ) {
    const isBounded = bounds.pendingAcks !== undefined || bounds.backgroundRequestsPerSecond !== undefined;
    const isHeldUp = hasStore || hasClaims === true || actions.some(({ kind }) => HOLDS_UP.has(kind));
    this.watchesAcks = acks === 'ack' && !isBounded && !isHeldUp;
  }

  /** A message that the service takes for undelivered is handled. */
  handled(key: string): void {
    if (this.watchesAcks) this.unacked.set(key, this.ports.now());
  }

  acked(key: string): void {
    this.unacked.delete(key);
  }

  private check(): void {
    const { facts, now, takesAcks } = this.ports;
    if (!takesAcks()) this.unacked.clear();
    for (const [key, since] of this.unacked) {
      const ms = Math.round(now() - since);
      if (ms <= ACKED_MS) return;
      facts.object('BP-2', `${key} is handled, and was not acknowledged for ${ms} ms`);
      this.unacked.delete(key);
    }
  }

  /** A handler has kept the loop for so long. */
  used(ms: number): void {
    this.usedMs += ms;
    this.longestMs = Math.max(this.longestMs, ms);
    const most = mostPerTurn(this.longestMs);
    if (this.usedMs > most)
      this.ports.facts.object('BP-2', `handlers kept the loop for ${this.usedMs} ms, ${most} at most`);
  }

  /** Whatever else waited has had its turn. */
  turned(): void {
    this.usedMs = 0;
    this.longestMs = 0;
    this.check();
  }
}

function mostPerTurn(longestMs: number): number {
  return SLICES_PER_TURN * (SLICE_MS + MARGIN_MS + CALLS_UNDER_WAY * longestMs);
}
