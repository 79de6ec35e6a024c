import { arrived, confirmed, noteKnown } from './arriving.js';
import { type Busy, type Conversation, Late, type Sequence, UNANCHORED } from './conversation.js';
import { decideFlow, giveUp, page, relieve } from './gap.js';
import { decideLate, refetched, refetchFailed } from './late.js';
import { anchorAt, decideAnchoring, look, looked } from './starting.js';
import { type OrderEffect, type OrderEvent, Step, type Surroundings } from './step.js';

/**
 * The ordering of one busy conversation: `(state, event, surroundings) -> effects`. No I/O, no timers, no promises,
 * no throw. The state is the conversation's record with its `Sequence`, changed in place and by nothing else.
 *
 * An event only writes facts down; `decide` then derives everything that follows from the facts. There is no event
 * that "cannot happen here".
 */
export function advance(
  conversation: Conversation,
  busy: Busy,
  sequence: Sequence,
  event: OrderEvent,
  around: Surroundings,
): OrderEffect[] {
  const step = new Step(conversation, busy, sequence, around);
  note(step, event);
  decide(step);
  return step.effects;
}

/** Writes down what an event says. */
function note(step: Step, event: OrderEvent): void {
  const { sequence, conversation, busy, around } = step;
  switch (event.kind) {
    case 'arrived':
      arrived(step, event.arrival, event.anchors);
      break;
    case 'known':
      noteKnown(step, event.seq);
      break;
    case 'loaded':
      if (conversation.expected !== UNANCHORED) break;
      if (sequence.anchoring?.step === 'store') sequence.anchoring = null;
      if (event.expected !== null) anchorAt(step, event.expected, event.floor);
      if (busy.outstanding !== null && busy.outstanding.shed.count > 0) sequence.late ??= new Late();
      break;
    case 'drain-ended':
      // The ten seconds of patience are over for everyone who waited for it.
      if (sequence.anchoring?.step === 'drain') look(step, around.now);
      break;
    case 'looked':
      if (conversation.expected === UNANCHORED && sequence.anchoring?.step === 'look')
        looked(step, event.failed);
      break;
    case 'timer':
      sequence.timerAt = 0;
      break;
    case 'page':
      if (event.purpose === 'gap') page(step, event.after, event.rows);
      else refetched(step, event.after, event.rows);
      break;
    case 'fetch-failed':
      if (event.purpose === 'gap') fetchFailed(step, event.final, event.retryAfterMs);
      else refetchFailed(step, event.final, event.retryAfterMs);
      break;
    case 'confirmed':
      confirmed(step, event.seq, event.exists);
      break;
    case 'room':
      break;
    case 'resumed':
      resumed(step);
      break;
  }
}

function fetchFailed(step: Step, final: boolean, retryAfterMs: number): void {
  const { sequence, around } = step;
  sequence.asking.underWay = false;
  if (!final) sequence.asking.inVain(around.now, around.random, retryAfterMs);
  // The answer was about the gap that was asked about: another one has its own time to close by itself.
  else if (sequence.gap?.asked) giveUp(step, 'gap_fill_failed');
}

/** The time in which the client was stopped counts for nothing, and a store that it did not wait for is asked again. */
function resumed({ sequence, around }: Step): void {
  sequence.timerAt = 0;
  sequence.asking.resumed(around.now);
  sequence.late?.asking.resumed(around.now);
  if (sequence.anchoring?.step === 'store') {
    sequence.anchoring = null;
    sequence.storeAsked = false;
  } else if (sequence.anchoring !== null) {
    sequence.anchoring = { ...sequence.anchoring, since: around.now };
  }
}

function decide(step: Step): void {
  step.sequence.waitsForRoom = false;
  if (step.conversation.expected === UNANCHORED) decideAnchoring(step);
  if (step.conversation.expected !== UNANCHORED) decideFlow(step);
  relieve(step);
  decideLate(step);
  if (step.timerAt !== step.sequence.timerAt) {
    step.sequence.timerAt = step.timerAt;
    step.effects.push({ kind: 'timer', at: step.timerAt });
  }
}
