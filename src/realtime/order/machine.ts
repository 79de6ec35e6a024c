import { arrived, confirmed, noteKnown } from './arriving.js';
import { type Busy, type Conversation, UNANCHORED } from './conversation.js';
import { decideFlow, giveUp, relieve } from './gap.js';
import { decideLate, newLate, refetched, refetchFailed } from './late.js';
import { backOff, page } from './page.js';
import type { Sequence, SequenceEffect, SequenceEvent, Surroundings } from './sequence.js';
import { anchorAt, decideAnchoring, look, looked } from './starting.js';
import { Turn } from './step.js';

/**
 * The ordering of one busy conversation: `(state, event, surroundings) -> effects`. No I/O, no timers, no promises,
 * no throw. The state is the conversation's record with its `Sequence`, changed in place and by nothing else.
 *
 * An event only writes facts down; `decide` then derives everything that follows from the facts. There is no event
 * that "cannot happen here".
 */
export function step(
  conversation: Conversation,
  busy: Busy,
  sequence: Sequence,
  event: SequenceEvent,
  around: Surroundings,
): SequenceEffect[] {
  const turn = new Turn(conversation, busy, sequence, around);
  note(turn, event);
  decide(turn);
  return turn.effects;
}

/** Writes down what an event says. */
function note(turn: Turn, event: SequenceEvent): void {
  const { sequence, conversation, busy } = turn;
  switch (event.kind) {
    case 'arrived':
      arrived(turn, event.arrival, event.anchors);
      break;
    case 'known':
      noteKnown(turn, event.seq);
      break;
    case 'loaded':
      if (conversation.expected !== UNANCHORED) break;
      if (sequence.anchoring?.step === 'store') sequence.anchoring = null;
      if (event.expected !== null) anchorAt(turn, event.expected, event.floor);
      if (busy.debts !== null && busy.debts.shed.count > 0) sequence.late ??= newLate();
      break;
    case 'drain-ended':
      // The ten seconds of patience are over for everyone who waited for it.
      if (sequence.anchoring?.step === 'drain') look(turn, turn.around.now);
      break;
    case 'looked':
      if (conversation.expected === UNANCHORED && sequence.anchoring?.step === 'look')
        looked(turn, event.failed);
      break;
    case 'timer':
      sequence.timerAt = 0;
      break;
    case 'page':
      page(turn, event.after, event.rows);
      break;
    case 'fetch-failed':
      sequence.fetching = false;
      if (event.final) {
        // The answer was about the gap that was asked about: another one has its own time to close by itself.
        if (sequence.gap?.asked) giveUp(turn, 'gap_fill_failed');
      } else {
        backOff(turn, event.retryAfterMs);
      }
      break;
    case 'refetched':
      refetched(turn, event.after, event.rows);
      break;
    case 'refetch-failed':
      refetchFailed(turn, event.final, event.retryAfterMs);
      break;
    case 'confirmed':
      confirmed(turn, event.seq, event.exists);
      break;
    case 'room':
      break;
    case 'resumed':
      resumed(turn);
      break;
  }
}

/** The time in which the client was stopped counts for nothing, and a store that it did not wait for is asked again. */
function resumed({ sequence, around }: Turn): void {
  sequence.timerAt = 0;
  sequence.failingSince = null;
  if (sequence.late !== null) sequence.late.failingSince = null;
  if (sequence.anchoring?.step === 'store') {
    sequence.anchoring = null;
    sequence.storeAsked = false;
  } else if (sequence.anchoring !== null) {
    sequence.anchoring = { ...sequence.anchoring, since: around.now };
  }
}

function decide(turn: Turn): void {
  turn.sequence.waitsForRoom = false;
  if (turn.conversation.expected === UNANCHORED) decideAnchoring(turn);
  if (turn.conversation.expected !== UNANCHORED) decideFlow(turn);
  relieve(turn);
  decideLate(turn);
  if (turn.timerAt !== turn.sequence.timerAt) {
    turn.sequence.timerAt = turn.timerAt;
    turn.effects.push({ kind: 'timer', at: turn.timerAt });
  }
}
