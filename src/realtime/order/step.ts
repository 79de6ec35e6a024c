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

/** Why a page of history is read: to fill the gap (GAP-2), or to get late messages again that were shed (BP-1). */
export type FetchPurpose = 'gap' | 'shed';

export type OrderEvent =
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
  | {
      readonly kind: 'page';
      readonly purpose: FetchPurpose;
      readonly after: number;
      readonly rows: readonly Arrival[];
    }
  | {
      readonly kind: 'fetch-failed';
      readonly purpose: FetchPurpose;
      readonly final: boolean;
      readonly retryAfterMs: number;
    }
  /** What history says about a far-off seq. */
  | { readonly kind: 'confirmed'; readonly seq: number; readonly exists: boolean }
  /** The lane has room again. */
  | { readonly kind: 'room' }
  /** The client goes on after a stop. */
  | { readonly kind: 'resumed' };

export type OrderEffect =
  | { readonly kind: 'deliver'; readonly arrival: Arrival }
  /** Already handled: acknowledge it again, whatever the order says (ACK-1). */
  | { readonly kind: 'duplicate'; readonly arrival: Arrival }
  /**
   * Dropped on purpose. From the hold the service still has it, and its gap betrays it (GAP-4). A late one is remembered by
   * its seq. One beside the order only the service can bring again (BP-1).
   */
  | { readonly kind: 'shed'; readonly from: 'hold' | 'late' | 'stray'; readonly arrival: Arrival }
  | { readonly kind: 'timer'; readonly at: number }
  /** Read a page of history above `after`. */
  | { readonly kind: 'fetch'; readonly purpose: FetchPurpose; readonly after: number }
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

/** One step of the machine: the state that it may change, what it may know, and the effects that it collects. */
export class Step {
  readonly effects: OrderEffect[] = [];
  /** Messages that the lane can still take. */
  room: number;
  /** When the one timer is to fire; 0 for never. Derived anew at each step. */
  timerAt = 0;
  readonly heldBefore: number;

  constructor(
    readonly conversation: Conversation,
    readonly busy: Busy,
    readonly sequence: Sequence,
    readonly around: Surroundings,
  ) {
    this.room = around.laneRoom;
    this.heldBefore = sequence.hold.size;
  }

  /** The timer fires at this moment, or sooner when somebody else asks for it. */
  wakeAt(at: number): void {
    this.timerAt = this.timerAt === 0 ? at : Math.min(this.timerAt, at);
  }
}
