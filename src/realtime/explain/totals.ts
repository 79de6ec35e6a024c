import type { Acknowledger } from '../acking/acknowledger.js';
import type { CatchUp } from '../catchup/catchup.js';
import type { Lanes } from '../lanes/lanes.js';
import type { Sequencer } from '../order/sequencer.js';

/** How much is remembered and waiting at this moment: what the `bounds` bound. */
export interface Totals {
  /** Conversations that are remembered. */
  readonly conversations: number;
  /** Those in which nothing is going on. */
  readonly idleConversations: number;
  /** Out-of-order messages that wait for a gap to close, in all and in the conversation that has the most. */
  readonly held: number;
  readonly heldMost: number;
  /** Messages that wait in lanes for their handlers, in all and in the fullest lane. */
  readonly waiting: number;
  readonly waitingMost: number;
  /** Slots of `concurrency` that are taken: handlers at work, less those that gave theirs back. */
  readonly slotsTaken: number;
  /** Ranges of seqs that were given up and are remembered. */
  readonly missing: number;
  /** Messages that are put aside because their handlers kept failing. */
  readonly parked: number;
  /** Acknowledgements that wait for a session. */
  readonly pendingAcks: number;
  /** Acknowledgements that wait for the store. */
  readonly unsavedAcks: number;
  /** Rows of the undelivered queue that wait for their handlers. */
  readonly undrained: number;
}

/** The parts that know. */
export interface TotalsParts {
  readonly order: Sequencer;
  readonly lanes: Lanes;
  readonly catchUp: CatchUp;
  readonly acknowledger: Acknowledger;
}

/** Only what nobody knows is looked up: the most of one conversation, in a walk over those in which something is going on. */
export function totalsOf({ order, lanes, catchUp, acknowledger }: TotalsParts): Totals {
  const { conversations, register } = order;
  let heldMost = 0;
  let waitingMost = 0;
  for (const { sequence, lane } of conversations.busy) {
    heldMost = Math.max(heldMost, sequence?.hold.size ?? 0);
    waitingMost = Math.max(waitingMost, lane?.waiting ?? 0);
  }
  return {
    conversations: conversations.size,
    idleConversations: conversations.size - conversations.busy.size,
    held: order.held,
    heldMost,
    waiting: lanes.waitingTotal,
    waitingMost,
    slotsTaken: lanes.slots.taken,
    missing: register.missingTotal,
    parked: register.parkedTotal,
    pendingAcks: acknowledger.pending,
    unsavedAcks: acknowledger.unsaved,
    undrained: catchUp.cursorAcks?.pending ?? 0,
  };
}
