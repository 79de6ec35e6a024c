import type { TimerHandle } from '../../clock/index.js';
import { TIMING } from '../bounds.js';
import type { SeqRange } from '../events.js';
import type { Lane, LaneOwner } from '../lanes/lane.js';
import { doubled, jittered } from '../util/backoff.js';
import type { Arrival } from './arrival.js';
import type { Outstanding } from './outstanding.js';

/** Stands for "no position yet" in `expected`. */
export const UNANCHORED = -1;

/**
 * One conversation. While nothing is going on it is this small record and nothing else (`busy` is null), changed in
 * place: a bot in 100,000 conversations keeps about 150 bytes for each.
 */
export class Conversation {
  constructor(readonly id: string) {}

  /** The next seq that may be delivered. Outlives quiet periods and reconnects (ORD-2). */
  expected = UNANCHORED;
  /** The first seq of which this life knows anything: below it, an unknown message is delivered late (ORD-3). */
  floor = 0;
  /** Everything else, only while something is under way. */
  busy: Busy | null = null;
  /** Touched since the eviction hand last came by. */
  used = true;

  /** The handled cursor: the end of the contiguous run of handled seqs. An idle conversation has handled what it delivered. */
  get handledCursor(): number {
    return this.busy === null ? this.expected - 1 : this.busy.handledCursor;
  }
}

/** What exists only while a conversation is busy: handlers running, messages held, seqs outstanding. */
export class Busy implements LaneOwner {
  sequence: Sequence | null = null;
  lane: Lane | null = null;
  outstanding: Outstanding | null = null;
  timer: TimerHandle = null;
  /** True while the effects of an event are carried out. The runner's. */
  isRunning = false;
  private handled: number;

  constructor(readonly conversation: Conversation) {
    this.handled = conversation.expected - 1;
  }

  get id(): string {
    return this.conversation.id;
  }

  /**
   * While a lane works, or while effects are being carried out (some deliveries may not have reached the lane yet), only
   * what was told is certain. Otherwise everything that was delivered has been handled.
   */
  get handledCursor(): number {
    return this.lane === null && !this.isRunning ? this.conversation.expected - 1 : this.handled;
  }

  /** Everything before `seq` has been handled, and nothing from it on. */
  handledBefore(seq: number): void {
    this.handled = seq - 1;
  }

  /** The lane is done with `seq`. It works one by one, so nothing below it is still at work. */
  handledThrough(seq: number): void {
    if (seq > this.handled) this.handled = seq;
  }
}

/** A stretch of seqs that is missing between `expected` and what is known to exist. */
export interface Gap {
  /** When what waits behind it arrived. */
  readonly since: number;
  readonly from: number;
  /** The last missing seq. Shrinks when an arrival lands inside the gap. */
  through: number;
  /** The lowest seq held behind it at the opening, if any. */
  readonly buffered: number | null;
  /** History was asked: a gap that closes before that closed by itself (GAP-1). */
  asked: boolean;
  /** What history has only in an unusable form. */
  readonly lost: SeqRange[];
  /** When the last of what was missing arrived; not when a full lane took it. */
  arrivedAt: number;
  /** False once a part of it came from REST, or from a backlog: that says nothing about how late frames can be. */
  live: boolean;
}

export function newGap(facts: Pick<Gap, 'since' | 'from' | 'through' | 'buffered' | 'asked'>): Gap {
  return { ...facts, lost: [], arrivedAt: facts.since, live: true };
}

/** How the asking of history goes: one page at a time, and longer pauses after answers that bring nothing (GAP-2). */
export class Asking {
  /** A page is being fetched (single flight). */
  underWay = false;
  /** When the last page was asked for: it may be as old as that when it comes. */
  askedAt = 0;
  /** Answers that brought nothing new, in a row. */
  fruitless = 0;
  /** Since when history has been asked in vain: not how long a message waited for other reasons. */
  failingSince: number | null = null;
  /** No page is asked for before this moment. */
  retryAt = 0;

  begin(now: number): void {
    this.underWay = true;
    this.askedAt = now;
  }

  /** An answer brought nothing. A server's `Retry-After` is never undercut. */
  inVain(now: number, chance: number, retryAfterMs: number): void {
    const pause = jittered(doubled(TIMING.fillBackoffMin, this.fruitless, TIMING.fillBackoffMax), chance);
    this.fruitless += 1;
    this.failingSince ??= this.askedAt;
    this.retryAt = now + Math.max(pause, retryAfterMs);
  }

  /** The client goes on after a stop, which cut the read short: it is made again, and the time between counts for nothing. */
  resumed(now: number): void {
    this.failingSince = null;
    this.askedAt = now;
  }
}

/** How far history has been asked again for late messages that found no room in their lane (BP-1). */
export class Late {
  /** This round has got to here. A round goes through everything that was shed, lowest first. */
  after = -1;
  readonly asking = new Asking();
}

/** ORD-3: what a conversation without a position waits for before it may start. */
export type AnchorStep = 'store' | 'drain' | 'look';

/** The facts that events have written down. What is to be done follows from them alone (`decide` in machine.ts). */
export class Sequence {
  readonly hold = new Hold();
  readonly asking = new Asking();
  /** The highest seq that is known to exist: arrived, shed, or named by REST. */
  known = -1;
  /** History was read without a break up to here: what it left out below is a hole. */
  covered = -1;
  gap: Gap | null = null;
  /** ORD-3: a seq below which nothing can be undelivered, if one was seen. */
  mayStartAt: number | null = null;
  storeAsked = false;
  /** Only while the conversation has no position. */
  anchoring: { readonly step: AnchorStep; readonly since: number; readonly before: number } | null = null;
  /** Stopped for want of room in the lane: `room` is to be told (BP-1). */
  waitsForRoom = false;
  /** The moment of the one timer, or 0. */
  timerAt = 0;
  /** Far-off arrivals that history is being asked about (GAP-2). */
  readonly farOff = new Map<number, Arrival>();
  /** A far-off seq that REST has named, and that history is being asked about (GAP-2). */
  farOffNamed: number | null = null;
  /** What came late and found no room, while there is any such (BP-1). */
  late: Late | null = null;
}

/** True when nothing is under way: the sequence may be dropped, the position says it all. */
export function isSettled(sequence: Sequence, expected: number): boolean {
  const { hold, asking, gap, anchoring, farOff, farOffNamed, late, known } = sequence;
  const waits = hold.size > 0 || farOff.size > 0 || farOffNamed !== null || known >= Math.max(expected, 0);
  return !waits && !asking.underWay && gap === null && anchoring === null && late === null;
}

/** Out-of-order messages that wait for a gap to close, by seq. */
export class Hold extends Map<number, Arrival> {
  /** The lowest held arrival. A hold is small (500) and this is asked once per gap, so it is looked for, not kept. */
  lowest(counts: (arrival: Arrival) => boolean = () => true): Arrival | undefined {
    let lowest: Arrival | undefined;
    for (const arrival of this.values()) {
      if ((lowest === undefined || arrival.seq < lowest.seq) && counts(arrival)) lowest = arrival;
    }
    return lowest;
  }

  /** The lowest held message. Our own sends take their place but do not say where to begin (GAP-5). */
  lowestMessage(): Arrival | undefined {
    return this.lowest(({ event }) => event !== null);
  }

  highest(): Arrival | undefined {
    let highest: Arrival | undefined;
    for (const arrival of this.values()) {
      if (highest === undefined || arrival.seq > highest.seq) highest = arrival;
    }
    return highest;
  }
}
