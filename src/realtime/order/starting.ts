import { TIMING } from '../bounds.js';
import { below, doubt, suspect } from './arriving.js';
import type { Turn } from './step.js';

export function decideAnchoring(turn: Turn): void {
  const { sequence, around } = turn;
  const { anchoring } = sequence;
  if (anchoring === null) {
    if (sequence.known < 0) return;
    if (around.hasStore && !sequence.storeAsked) {
      sequence.storeAsked = true;
      sequence.anchoring = { step: 'store', since: around.now, before: 0 };
      turn.effects.push({ kind: 'anchor', step: 'store', before: 0 });
      return;
    }
  }
  if (anchoring?.step !== 'store' && sequence.mayStartAt !== null) {
    const lowest = sequence.hold.lowestMessage();
    const at = lowest === undefined ? sequence.mayStartAt : Math.min(sequence.mayStartAt, lowest.seq);
    anchorAt(turn, at, at);
    return;
  }
  if (anchoring === null) {
    if (!around.canFetch) {
      // Nobody to ask: the first message that is seen is the first there is.
      start(turn, false);
      return;
    }
    if (around.draining) {
      sequence.anchoring = { step: 'drain', since: around.now, before: 0 };
      turn.timerAt = around.now + TIMING.drainPatience;
    } else {
      look(turn, turn.around.now);
      turn.timerAt = around.now + TIMING.lookPatience;
    }
    return;
  }
  if (anchoring.step === 'drain') {
    if (!around.draining || around.now >= anchoring.since + TIMING.drainPatience) {
      look(turn, turn.around.now);
      turn.timerAt = around.now + TIMING.lookPatience;
    } else {
      turn.timerAt = anchoring.since + TIMING.drainPatience;
    }
    return;
  }
  // A store is waited for, however long: to begin without it could repeat what was handled, or skip what was not.
  if (anchoring.step === 'store') return;
  const due = anchoring.since + TIMING.lookPatience;
  if (around.now < due) turn.timerAt = due;
  else start(turn, true);
}

export function anchorAt(turn: Turn, expected: number, floor: number): void {
  const { conversation, sequence, busy } = turn;
  conversation.expected = expected;
  conversation.floor = floor;
  busy.handled = expected - 1;
  sequence.anchoring = null;
  const believed = expected + turn.around.absurdSeqDistance;
  const { known } = sequence;
  if (known > believed) sequence.known = -1;
  for (const arrival of [...sequence.hold.values()]) {
    if (arrival.seq < expected) {
      sequence.hold.take(arrival.seq);
      below(turn, arrival);
    } else if (arrival.seq > believed) {
      sequence.hold.take(arrival.seq);
      suspect(turn, arrival);
    } else if (arrival.seq > sequence.known) {
      sequence.known = arrival.seq;
    }
  }
  if (known > believed) doubt(turn, known);
}

export function looked(turn: Turn, failed: boolean): void {
  const { hold, anchoring } = turn.sequence;
  const lowest = hold.lowestMessage();
  if (anchoring !== null && !failed && lowest !== undefined && lowest.seq >= anchoring.before) {
    // What has arrived since is not the oldest that the look was about: look behind that one too.
    look(turn, anchoring.since);
  } else {
    start(turn, failed);
  }
}

/** ORD-3: begin at the lowest that was found. */
function start(turn: Turn, blind: boolean): void {
  const lowest = turn.sequence.hold.lowestMessage();
  turn.sequence.anchoring = null;
  if (lowest === undefined) {
    // Only REST, or sends of our own, had named this conversation, and nothing of ours was found: forget it.
    turn.sequence.known = -1;
    for (const { seq } of [...turn.sequence.hold.values()]) turn.sequence.hold.take(seq);
    return;
  }
  anchorAt(turn, lowest.seq, lowest.seq);
  if (!blind) return;
  turn.effects.push({ kind: 'started-blind', expected: lowest.seq });
  // What a later answer shows is delivered late.
  turn.effects.push({ kind: 'anchor', step: 'look', before: lowest.seq + 1 });
}

export function look(turn: Turn, since: number): void {
  const lowest = turn.sequence.hold.lowestMessage();
  // The one that we know of is read too: a history that does not show it yet is no answer about older ones.
  const before = (lowest?.seq ?? turn.sequence.known) + 1;
  turn.sequence.anchoring = { step: 'look', since, before };
  turn.effects.push({ kind: 'anchor', step: 'look', before });
}
