import type { Conversations } from '../order/conversations.js';

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

/** What only the parts themselves know. */
export type PartTotals = Pick<
  Totals,
  'slotsTaken' | 'missing' | 'parked' | 'pendingAcks' | 'unsavedAcks' | 'undrained'
>;

/** Adds the conversations up: a walk over all of them, for people and tests, not for every message. */
export function totalsOf(conversations: Conversations, parts: PartTotals): Totals {
  let held = 0;
  let heldMost = 0;
  let waiting = 0;
  let waitingMost = 0;
  for (const { sequence, lane } of conversations.busy) {
    const inHold = sequence?.hold.size ?? 0;
    const inLane = lane?.waiting ?? 0;
    held += inHold;
    heldMost = Math.max(heldMost, inHold);
    waiting += inLane;
    waitingMost = Math.max(waitingMost, inLane);
  }
  const { size } = conversations;
  const idleConversations = size - conversations.busy.size;
  return { conversations: size, idleConversations, held, heldMost, waiting, waitingMost, ...parts };
}
