import type { GapReason, SeqRange } from '../events.js';
import type { Arrival } from './arrival.js';
import type { AnchorStep, Busy, Conversation, Gap, Sequence } from './conversation.js';

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
  readonly canFetch: boolean;
  readonly laneRoom: number;
  /** Messages that may still be held, over all conversations. */
  readonly holdRoom: number;
  readonly holdPerConversation: number;
  readonly absurdSeqDistance: number;
  /** In [0, 1), for jitter. */
  readonly random: number;
}

/** Why a page of history is read: to fill the gap (GAP-2), or to get late messages again that were shed (BP-1). */
export type FetchPurpose = 'gap' | 'shed';

export type OrderEvent = Readonly<
  /** A message, or a consumed slot, from anywhere. `anchors`: nothing older is undelivered (a drain row in ack mode). */
  | { kind: 'arrived'; arrival: Arrival; anchors: boolean }
  /** REST names a seq as existing (GAP-2, LIVE-2). */
  | { kind: 'known'; seq: number }
  /** The store answered: the cursor it had, or null. */
  | { kind: 'loaded'; expected: number | null; floor: number }
  | { kind: 'drain-ended' }
  /** The look at older messages is over; what it found has arrived. `failed`: it gave no answer (ORD-3). */
  | { kind: 'looked'; failed: boolean }
  | { kind: 'timer' }
  /** A page of history: everything it holds above `after`, oldest first. */
  | { kind: 'page'; purpose: FetchPurpose; after: number; rows: readonly Arrival[] }
  | { kind: 'fetch-failed'; purpose: FetchPurpose; final: boolean; retryAfterMs: number }
  /** History was not asked about the gap after all: it had closed when the turn came (GAP-6). */
  | { kind: 'fetch-dropped' }
  | { kind: 'confirmed'; seq: number; exists: boolean }
  | { kind: 'room' }
  | { kind: 'resumed' }
>;

export type OrderEffect = Readonly<
  | { kind: 'deliver'; arrival: Arrival }
  /** Already handled: acknowledge it again, whatever the order says (ACK-1). */
  | { kind: 'duplicate'; arrival: Arrival }
  /**
   * Dropped on purpose. From the hold the service still has it, and its gap betrays it (GAP-4). A late one is remembered
   * by its seq. One beside the order only the service can bring again (BP-1).
   */
  | { kind: 'shed'; from: 'hold' | 'late' | 'stray'; arrival: Arrival }
  | { kind: 'timer'; at: number }
  | { kind: 'fetch'; purpose: FetchPurpose; after: number }
  | { kind: 'confirm'; seq: number }
  /** `before`: one above the lowest seq that is known, which an up-to-date history must show. */
  | { kind: 'anchor'; step: AnchorStep; before: number }
  | { kind: 'missing'; range: SeqRange; hole: boolean }
  | { kind: 'gap-opened'; gap: Gap }
  /** `reason` is null when the gap closed by itself. */
  | { kind: 'gap-closed'; gap: Gap; reason: GapReason | null; missing: SeqRange[] }
  /** Started without knowing what is older: nobody answered in time (ORD-3). */
  | { kind: 'started-blind'; expected: number }
>;

/** One step of the machine: the state that it may change, what it may know, and the effects that it collects. */
export class Step {
  readonly effects: OrderEffect[] = [];
  readonly conversation: Conversation;
  room: number;
  /** When the one timer is to fire; 0 for never. Derived anew at each step. */
  timerAt = 0;
  readonly heldBefore: number;

  constructor(
    readonly busy: Busy,
    readonly sequence: Sequence,
    readonly around: Surroundings,
  ) {
    this.conversation = busy.conversation;
    this.room = around.laneRoom;
    this.heldBefore = sequence.hold.size;
  }

  /** The timer fires at this moment, or sooner when somebody else asks for it. */
  wakeAt(at: number): void {
    this.timerAt = this.timerAt === 0 ? at : Math.min(this.timerAt, at);
  }
}
