import { TIMING } from '../bounds.js';
import { below, confirmArrival, confirmNamed } from './arriving.js';
import type { Step } from './step.js';

/** ORD-3: where a conversation without a position begins, and what it waits for before it does. */
export function decideAnchoring(step: Step): void {
  const { sequence, around } = step;
  const { anchoring } = sequence;
  if (anchoring === null) {
    if (sequence.known < 0) return;
    if (around.hasStore && !sequence.storeAsked) {
      sequence.storeAsked = true;
      sequence.anchoring = { step: 'store', since: around.now, before: 0 };
      step.effects.push({ kind: 'anchor', step: 'store', before: 0 });
      return;
    }
  }
  if (anchoring?.step !== 'store' && sequence.mayStartAt !== null) {
    const lowest = sequence.hold.lowestMessage();
    const at = lowest === undefined ? sequence.mayStartAt : Math.min(sequence.mayStartAt, lowest.seq);
    anchorAt(step, at, at);
    return;
  }
  if (anchoring === null) {
    // Nobody to ask: the first message that is seen is the first there is.
    if (!around.canFetch) start(step, false);
    else if (!around.draining) beginLook(step);
    else {
      sequence.anchoring = { step: 'drain', since: around.now, before: 0 };
      step.wakeAt(around.now + TIMING.drainPatience);
    }
    return;
  }
  switch (anchoring.step) {
    case 'drain': {
      const patientUntil = anchoring.since + TIMING.drainPatience;
      if (around.draining && around.now < patientUntil) step.wakeAt(patientUntil);
      else beginLook(step);
      return;
    }
    case 'store':
      // A store is waited for, however long: to begin without it could repeat what was handled, or skip what was not.
      return;
    case 'look': {
      const patientUntil = anchoring.since + TIMING.lookPatience;
      if (around.now < patientUntil) step.wakeAt(patientUntil);
      else start(step, true);
    }
  }
}

export function anchorAt(step: Step, expected: number, floor: number): void {
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
      sequence.hold.take(arrival.seq);
      below(step, arrival);
    } else if (arrival.seq > believed) {
      sequence.hold.take(arrival.seq);
      confirmArrival(step, arrival);
    } else if (arrival.seq > sequence.known) {
      sequence.known = arrival.seq;
    }
  }
  if (known > believed) confirmNamed(step, known);
}

export function looked(step: Step, failed: boolean): void {
  const { hold, anchoring } = step.sequence;
  const lowest = hold.lowestMessage();
  if (anchoring !== null && !failed && lowest !== undefined && lowest.seq >= anchoring.before) {
    // What has arrived since is not the oldest that the look was about: look behind that one too.
    look(step, anchoring.since);
  } else {
    start(step, failed);
  }
}

function beginLook(step: Step): void {
  look(step, step.around.now);
  step.wakeAt(step.around.now + TIMING.lookPatience);
}

export function look(step: Step, since: number): void {
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
    for (const { seq } of [...sequence.hold.values()]) sequence.hold.take(seq);
    return;
  }
  anchorAt(step, lowest.seq, lowest.seq);
  if (!blind) return;
  step.effects.push({ kind: 'started-blind', expected: lowest.seq });
  // What a later answer shows is delivered late.
  step.effects.push({ kind: 'anchor', step: 'look', before: lowest.seq + 1 });
}
