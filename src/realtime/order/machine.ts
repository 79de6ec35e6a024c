import { TIMING } from '../bounds.js';
import { arrived, below, confirmArrival, confirmed, confirmNamed, noteKnown } from './arriving.js';
import { type Busy, Late, type Sequence, UNANCHORED } from './conversation.js';
import { decideFlow, giveUp, page, relieve } from './gap.js';
import { decideLate, refetched, refetchFailed } from './late.js';
import { type OrderEffect, type OrderEvent, Step, type Surroundings } from './step.js';

/**
 * The ordering of one busy conversation: `(state, event, surroundings) -> effects`. No I/O, no timers, no promises,
 * no throw. The state is the conversation's record with its `Sequence`, changed in place and by nothing else.
 *
 * An event only writes facts down; `decide` then derives everything that follows from the facts. There is no event
 * that "cannot happen here".
 */
export function advance(
  busy: Busy,
  sequence: Sequence,
  event: OrderEvent,
  around: Surroundings,
): OrderEffect[] {
  const step = new Step(busy, sequence, around);
  note(step, event);
  decide(step);
  return step.effects;
}

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
    case 'fetch-dropped':
      sequence.asking.underWay = false;
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

/** ORD-3: where a conversation without a position begins, and what it waits for before it does. */
function decideAnchoring(step: Step): void {
  const { sequence, around } = step;
  const { now } = around;
  if (sequence.anchoring === null) {
    if (sequence.known < 0) return;
    if (around.hasStore && !sequence.storeAsked) {
      sequence.storeAsked = true;
      sequence.anchoring = { step: 'store', since: now, before: 0 };
      step.effects.push({ kind: 'anchor', step: 'store', before: 0 });
    }
  }
  // A store is waited for, however long: to begin without it could repeat what was handled, or skip what was not.
  if (sequence.anchoring?.step === 'store') return;
  if (sequence.mayStartAt !== null) {
    const at = Math.min(sequence.mayStartAt, sequence.hold.lowestMessage()?.seq ?? sequence.mayStartAt);
    anchorAt(step, at, at);
    return;
  }
  if (sequence.anchoring === null && !around.canFetch) {
    // Nobody to ask: the first message that is seen is the first there is.
    start(step, false);
    return;
  }
  sequence.anchoring ??= { step: 'drain', since: now, before: 0 };
  const { since } = sequence.anchoring;
  if (sequence.anchoring.step === 'look') {
    if (now < since + TIMING.lookPatience) step.wakeAt(since + TIMING.lookPatience);
    else start(step, true);
  } else if (around.draining && now < since + TIMING.drainPatience) {
    step.wakeAt(since + TIMING.drainPatience);
  } else {
    look(step, now);
    step.wakeAt(now + TIMING.lookPatience);
  }
}

function anchorAt(step: Step, expected: number, floor: number): void {
  const { conversation, sequence, busy } = step;
  conversation.expected = expected;
  conversation.floor = floor;
  busy.handledBefore(expected);
  sequence.anchoring = null;
  const believed = expected + step.around.absurdSeqDistance;
  const { known } = sequence;
  if (known > believed) sequence.known = -1;
  for (const arrival of [...sequence.hold.values()]) {
    if (arrival.seq < expected) {
      sequence.hold.delete(arrival.seq);
      below(step, arrival);
    } else if (arrival.seq > believed) {
      sequence.hold.delete(arrival.seq);
      confirmArrival(step, arrival);
    } else if (arrival.seq > sequence.known) {
      sequence.known = arrival.seq;
    }
  }
  if (known > believed) confirmNamed(step, known);
}

function looked(step: Step, failed: boolean): void {
  const { hold, anchoring } = step.sequence;
  const lowest = hold.lowestMessage();
  if (anchoring !== null && !failed && lowest !== undefined && lowest.seq >= anchoring.before) {
    // What has arrived since is not the oldest that the look was about: look behind that one too.
    look(step, anchoring.since);
  } else {
    start(step, failed);
  }
}

function look(step: Step, since: number): void {
  const lowest = step.sequence.hold.lowestMessage();
  // The one that we know of is read too: a history that does not show it yet is no answer about older ones.
  const before = (lowest?.seq ?? step.sequence.known) + 1;
  step.sequence.anchoring = { step: 'look', since, before };
  step.effects.push({ kind: 'anchor', step: 'look', before });
}

/** ORD-3: begin at the lowest that was found. */
function start(step: Step, blind: boolean): void {
  const { sequence } = step;
  const lowest = sequence.hold.lowestMessage();
  sequence.anchoring = null;
  if (lowest === undefined) {
    // Only REST, or sends of our own, had named this conversation, and nothing of ours was found: forget it.
    sequence.known = -1;
    for (const { seq } of [...sequence.hold.values()]) sequence.hold.delete(seq);
    return;
  }
  anchorAt(step, lowest.seq, lowest.seq);
  if (!blind) return;
  step.effects.push({ kind: 'started-blind', expected: lowest.seq });
  // What a later answer shows is delivered late.
  step.effects.push({ kind: 'anchor', step: 'look', before: lowest.seq + 1 });
}
