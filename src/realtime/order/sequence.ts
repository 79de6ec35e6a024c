import type { GapReason, SeqRange } from '../events.js';
import type { Arrival } from './arrival.js';
import { Hold } from './hold.js';
import type { Late } from './late.js';

/** A stretch of seqs that is missing between `expected` and what is known to exist. */
export interface Gap {
  /** When what waits behind it arrived: its age. */
  readonly since: number;
  /** The seq that was expected when it opened. */
  readonly from: number;
  /** The last missing seq. Shrinks when an arrival lands inside the gap. */
  through: number;
  /** The lowest seq held behind it at the opening, if any. */
  readonly buffered: number | null;
  /** True once history was asked: a gap that closes before that closed by itself (GAP-1). */
  asked: boolean;
  /** What history has only in an unusable form. */
  readonly lost: SeqRange[];
  /** When the last of what was missing arrived; not when a full lane took it. */
  arrivedAt: number;
  /** False once a part of it came from REST, or from a backlog: that says nothing about how late frames can be. */
  live: boolean;
}

/** A gap that has just been noticed. */
export function newGap(facts: Pick<Gap, 'since' | 'from' | 'through' | 'buffered' | 'asked'>): Gap {
  return { ...facts, lost: [], arrivedAt: facts.since, live: true };
}

/** ORD-3: what a conversation without a position waits for before it may start. */
export type AnchorStep = 'store' | 'drain' | 'look';

/**
 * What the ordering of a busy conversation consists of: facts, written by events. What is to be done follows from
 * the facts alone (`decide` in machine.ts), so that no order of events is unforeseen.
 */
export class Sequence {
  readonly hold = new Hold();
  /** The highest seq that is known to exist: arrived, shed, or named by REST. */
  known = -1;
  /** History was read without a break up to here: what it left out below is a hole. */
  covered = -1;
  /** True while a page of history is being fetched for this conversation (single flight). */
  fetching = false;
  /** When the last page was asked for: it may be as old as that when it comes. */
  askedAt = 0;
  /** Fetches that brought nothing new, in a row. */
  fruitless = 0;
  /** Since when history has been asked in vain: not how long a message waited for other reasons. */
  failingSince: number | null = null;
  /** No fetch before this moment. */
  retryAt = 0;
  gap: Gap | null = null;
  /** ORD-3: a seq below which nothing can be undelivered, if one was seen. */
  mayStartAt: number | null = null;
  /** The store is asked once. */
  storeAsked = false;
  /** Only while the conversation has no position. */
  anchoring: { readonly step: AnchorStep; readonly since: number; readonly before: number } | null = null;
  /** Stopped for want of room in the lane: `room` is to be told (BP-1). */
  waitsForRoom = false;
  /** The moment of the one timer, or 0. */
  timerAt = 0;
  /** Far-off arrivals that history is being asked about (GAP-2). */
  readonly suspects = new Map<number, Arrival>();
  /** A far-off seq that REST has named, and that history is being asked about (GAP-2). */
  rumour: number | null = null;
  /** What came late and found no room, while there is any such (BP-1). */
  late: Late | null = null;
}

/** True when nothing is under way: the sequence may be dropped, the position says it all. */
export function isSettled(sequence: Sequence, expected: number): boolean {
  return (
    sequence.hold.size === 0 &&
    !sequence.fetching &&
    sequence.gap === null &&
    sequence.anchoring === null &&
    sequence.suspects.size === 0 &&
    sequence.rumour === null &&
    sequence.late === null &&
    sequence.known < Math.max(expected, 0)
  );
}

/** Plain facts about the surroundings that the machine reads and never writes. */
export interface Surroundings {
  readonly now: number;
  /** How long a gap waits for natural arrival. */
  readonly gapWindowMs: number;
  readonly gapGiveUpMs: number;
  /** A drain is running: gaps and new conversations wait for its end (a while). */
  readonly draining: boolean;
  /** There is a store that may know where the last process stopped. */
  readonly hasStore: boolean;
  /** There is a REST source. */
  readonly canFetch: boolean;
  /** Messages that the lane can still take. */
  readonly laneRoom: number;
  /** Messages that may still be held, over all conversations. */
  readonly holdRoom: number;
  readonly holdPerConversation: number;
  readonly absurdSeqDistance: number;
  /** In [0, 1), for jitter. */
  readonly random: number;
}

export type SequenceEvent =
  /** A message, or a consumed slot, from anywhere. `anchors`: nothing older is undelivered (a drain row in ack mode). */
  | { readonly kind: 'arrived'; readonly arrival: Arrival; readonly anchors: boolean }
  /** REST names a seq as existing (GAP-2, LIVE-2). */
  | { readonly kind: 'known'; readonly seq: number }
  /** The store answered: the cursor it had, or null. */
  | { readonly kind: 'loaded'; readonly expected: number | null; readonly floor: number }
  /** The drain ended, or will not for now. */
  | { readonly kind: 'drain-ended' }
  /** The look at older messages is over; what it found has arrived. `failed`: it gave no answer (ORD-3). */
  | { readonly kind: 'looked'; readonly failed: boolean }
  | { readonly kind: 'timer' }
  /** A page of history: everything it holds above `after`, oldest first. */
  | { readonly kind: 'page'; readonly after: number; readonly rows: readonly Arrival[] }
  | { readonly kind: 'fetch-failed'; readonly final: boolean; readonly retryAfterMs: number }
  /** A page of history above `after` that was asked for because of shed messages. */
  | { readonly kind: 'refetched'; readonly after: number; readonly rows: readonly Arrival[] }
  | { readonly kind: 'refetch-failed'; readonly final: boolean; readonly retryAfterMs: number }
  /** History's verdict on a far-off seq. */
  | { readonly kind: 'confirmed'; readonly seq: number; readonly exists: boolean }
  /** The lane has room again. */
  | { readonly kind: 'room' }
  /** The client goes on after a stop. */
  | { readonly kind: 'resumed' };

export type SequenceEffect =
  | { readonly kind: 'deliver'; readonly arrival: Arrival }
  /** Already handled: acknowledge it again, whatever the order says (ACK-1). */
  | { readonly kind: 'duplicate'; readonly arrival: Arrival }
  /** Dropped on purpose: the service still has it (GAP-4, BP-1). */
  | { readonly kind: 'shed'; readonly arrival: Arrival }
  /** The same for a late one, which no gap will betray: it is remembered by its seq. */
  | { readonly kind: 'shed-late'; readonly arrival: Arrival }
  /** The same for one beside the order: only the service can bring it again. */
  | { readonly kind: 'shed-stray'; readonly arrival: Arrival }
  | { readonly kind: 'timer'; readonly at: number }
  | { readonly kind: 'fetch'; readonly after: number }
  /** Fetch a page because of shed messages: the next of them is the one after `after`. */
  | { readonly kind: 'refetch'; readonly after: number }
  | { readonly kind: 'confirm'; readonly seq: number }
  /** `before`: one above the lowest seq that is known, which an up-to-date history must show. */
  | { readonly kind: 'anchor'; readonly step: AnchorStep; readonly before: number }
  | { readonly kind: 'missing'; readonly range: SeqRange; readonly hole: boolean }
  | { readonly kind: 'gap-opened'; readonly gap: Gap }
  /** `reason` is null when the gap closed by itself. */
  | {
      readonly kind: 'gap-closed';
      readonly gap: Gap;
      readonly reason: GapReason | null;
      readonly missing: SeqRange[];
    }
  /** Started without knowing what is older: nobody answered in time (ORD-3). */
  | { readonly kind: 'started-blind'; readonly expected: number };
