import type { Arrival } from './arrival.js';
import { newGap, UNANCHORED } from './conversation.js';
import { deliverLate } from './late.js';
import type { Step } from './step.js';

/** Far-off seqs that are looked up at the same time in one conversation; more than that is noise. */
const FAR_OFF_AT_ONCE = 8;

export function arrived(step: Step, arrival: Arrival, anchors: boolean): void {
  const { conversation, sequence } = step;
  const { seq } = arrival;
  if (conversation.expected === UNANCHORED) {
    // ORD-3. Nothing can be older than seq 1; a drain row in ack mode is the oldest that is undelivered.
    if (anchors || seq <= 1) sequence.mayStartAt = Math.min(seq, sequence.mayStartAt ?? seq);
    hold(step, arrival);
  } else if (seq < conversation.expected) {
    below(step, arrival);
  } else if (isFarOff(step, seq)) {
    confirmArrival(step, arrival);
  } else {
    hold(step, arrival);
  }
}

export function hold(step: Step, arrival: Arrival): void {
  const { hold, known } = step.sequence;
  if (arrival.seq > known) step.sequence.known = arrival.seq;
  const held = hold.get(arrival.seq);
  if (held === undefined || held.standing === 'unusable') hold.set(arrival.seq, arrival);
}

/** An arrival below the place that the conversation has reached. */
export function below(step: Step, arrival: Arrival): void {
  const { conversation, busy } = step;
  const { seq } = arrival;
  const { outstanding } = busy;
  if (arrival.standing === 'unusable') return;
  if (arrival.event === null) {
    // Our own send: it is not missing any more, and there is nothing to handle.
    if (outstanding?.isMissing(seq)) step.effects.push({ kind: 'deliver', arrival });
    return;
  }
  if (outstanding?.lateInLane.has(seq)) return;
  if (outstanding?.parked.has(seq)) {
    // It comes back on its own schedule, and stays unacknowledged until then (HND-1). Where there is no history to fetch
    // it from, and an earlier process had parked it, this may be all that comes.
    if (step.around.canFetch || step.room <= 0) return;
    arrival.redelivered = true;
    deliverLate(step, arrival);
    return;
  }
  const unheardOf = seq < conversation.floor && outstanding?.early.has(seq) !== true;
  if (unheardOf || outstanding?.isMissing(seq)) {
    deliverLate(step, arrival);
  } else if (seq <= conversation.handledCursor) {
    step.effects.push({ kind: 'duplicate', arrival });
  }
  // Otherwise it is in the lane: it will be acknowledged when its handlers are done.
}

export function noteKnown(step: Step, seq: number): void {
  const { conversation, sequence } = step;
  if (conversation.expected !== UNANCHORED && isFarOff(step, seq)) confirmNamed(step, seq);
  else if (seq > sequence.known) sequence.known = seq;
}

/** GAP-2: REST has named a seq that is absurdly far away. It is believed only when history shows it. */
export function confirmNamed(step: Step, seq: number): void {
  const { sequence, around } = step;
  if (!around.canFetch || sequence.farOffNamed !== null || sequence.farOff.has(seq)) return;
  sequence.farOffNamed = seq;
  step.effects.push({ kind: 'confirm', seq });
}

/** GAP-2: a message whose seq is absurdly far away has its place only when history knows it. */
export function confirmArrival(step: Step, arrival: Arrival): void {
  const { sequence, around } = step;
  if (sequence.farOff.has(arrival.seq)) return;
  if (!around.canFetch || sequence.farOff.size >= FAR_OFF_AT_ONCE) {
    deliverStray(step, arrival);
    return;
  }
  sequence.farOff.set(arrival.seq, arrival);
  step.effects.push({ kind: 'confirm', seq: arrival.seq });
}

export function confirmed(step: Step, seq: number, exists: boolean): void {
  const { sequence, conversation } = step;
  if (seq === sequence.farOffNamed) {
    sequence.farOffNamed = null;
    if (exists && seq > sequence.known) sequence.known = seq;
  }
  const arrival = sequence.farOff.get(seq);
  if (arrival === undefined) return;
  sequence.farOff.delete(seq);
  // The conversation may have come near meanwhile, or have passed it.
  if (seq < conversation.expected) below(step, arrival);
  else if (exists || !isFarOff(step, seq)) hold(step, arrival);
  else deliverStray(step, arrival);
}

function isFarOff(step: Step, seq: number): boolean {
  const { conversation, sequence, around } = step;
  return seq - conversation.expected > around.absurdSeqDistance && seq > sequence.known;
}

/** By itself, reported, and moving nothing. */
function deliverStray(step: Step, arrival: Arrival): void {
  arrival.standing = 'stray';
  if (step.room <= 0) {
    step.effects.push({ kind: 'shed', from: 'stray', arrival });
    return;
  }
  step.room -= 1;
  step.effects.push({ kind: 'deliver', arrival });
  const { seq, at: since } = arrival;
  const { expected } = step.conversation;
  step.effects.push({
    kind: 'gap-closed',
    gap: newGap({ since, from: expected, through: seq - 1, buffered: seq, asked: true }),
    reason: step.around.canFetch ? 'gap_fill_failed' : 'gap_fill_unavailable',
    missing: [],
  });
}
