import type { Arrival } from './arrival.js';
import { handledCursor, UNANCHORED } from './conversation.js';
import { deliverLate } from './late.js';
import { newGap } from './sequence.js';
import type { Turn } from './step.js';

export function arrived(turn: Turn, arrival: Arrival, anchors: boolean): void {
  const { conversation, sequence } = turn;
  const { seq } = arrival;
  if (conversation.expected === UNANCHORED) {
    // ORD-3. Nothing can be older than seq 1; a drain row in ack mode is the oldest that is undelivered.
    if (anchors || seq <= 1) sequence.mayStartAt = Math.min(seq, sequence.mayStartAt ?? seq);
    hold(turn, arrival);
  } else if (seq < conversation.expected) {
    below(turn, arrival);
  } else if (isAbsurd(turn, seq)) {
    suspect(turn, arrival);
  } else {
    hold(turn, arrival);
  }
}

export function hold(turn: Turn, arrival: Arrival): void {
  const { hold, known } = turn.sequence;
  if (arrival.seq > known) turn.sequence.known = arrival.seq;
  const held = hold.get(arrival.seq);
  if (held === undefined || held.standing === 'unusable') hold.add(arrival);
}

/** An arrival below the place that the conversation has reached. */
export function below(turn: Turn, arrival: Arrival): void {
  const { conversation, busy } = turn;
  const { seq } = arrival;
  const debts = busy.debts;
  if (arrival.standing === 'unusable') return;
  if (arrival.event === null) {
    // Our own send: it is not missing any more, and there is nothing to handle.
    if (debts?.isMissing(seq)) turn.effects.push({ kind: 'deliver', arrival });
    return;
  }
  if (debts?.lateInLane.has(seq)) return;
  if (debts?.parked.has(seq)) {
    // It comes back on its own schedule, and stays unacknowledged until then (HND-1). Where there is no history to fetch
    // it from, and an earlier process had parked it, this may be all that comes.
    if (turn.around.canFetch || turn.room <= 0) return;
    arrival.redelivered = true;
    deliverLate(turn, arrival);
    return;
  }
  const unheardOf = seq < conversation.floor && debts?.early.has(seq) !== true;
  if (unheardOf || debts?.isMissing(seq)) {
    deliverLate(turn, arrival);
  } else if (seq <= handledCursor(conversation)) {
    turn.effects.push({ kind: 'duplicate', arrival });
  }
  // Otherwise it is in the lane: it will be acknowledged when its handlers are done.
}

export function noteKnown(turn: Turn, seq: number): void {
  const { conversation, sequence } = turn;
  if (conversation.expected !== UNANCHORED && isAbsurd(turn, seq)) doubt(turn, seq);
  else if (seq > sequence.known) sequence.known = seq;
}

/** GAP-2: REST has named a seq that is absurdly far away. It is believed only when history shows it. */
export function doubt(turn: Turn, seq: number): void {
  const { sequence, around } = turn;
  if (!around.canFetch || sequence.rumour !== null || sequence.suspects.has(seq)) return;
  sequence.rumour = seq;
  turn.effects.push({ kind: 'confirm', seq });
}

/** GAP-2: a seq that is absurdly far away is believed only when history knows it. */
export function suspect(turn: Turn, arrival: Arrival): void {
  const { sequence, around } = turn;
  if (sequence.suspects.has(arrival.seq)) return;
  if (!around.canFetch || sequence.suspects.size >= SUSPECTS_AT_ONCE) {
    deliverStray(turn, arrival);
    return;
  }
  sequence.suspects.set(arrival.seq, arrival);
  turn.effects.push({ kind: 'confirm', seq: arrival.seq });
}

export function confirmed(turn: Turn, seq: number, exists: boolean): void {
  const { sequence, conversation } = turn;
  if (seq === sequence.rumour) {
    sequence.rumour = null;
    if (exists && seq > sequence.known) sequence.known = seq;
  }
  const arrival = sequence.suspects.get(seq);
  if (arrival === undefined) return;
  sequence.suspects.delete(seq);
  // The conversation may have come near meanwhile, or have passed it.
  if (seq < conversation.expected) below(turn, arrival);
  else if (exists || !isAbsurd(turn, seq)) hold(turn, arrival);
  else deliverStray(turn, arrival);
}

function isAbsurd(turn: Turn, seq: number): boolean {
  const { conversation, sequence, around } = turn;
  return seq - conversation.expected > around.absurdSeqDistance && seq > sequence.known;
}

/** By itself, reported, and moving nothing. */
function deliverStray(turn: Turn, arrival: Arrival): void {
  arrival.standing = 'stray';
  if (turn.room <= 0) {
    turn.effects.push({ kind: 'shed-stray', arrival });
    return;
  }
  turn.room -= 1;
  turn.effects.push({ kind: 'deliver', arrival });
  const { expected } = turn.conversation;
  turn.effects.push({
    kind: 'gap-closed',
    gap: newGap({
      since: arrival.at,
      from: expected,
      through: arrival.seq - 1,
      buffered: arrival.seq,
      asked: true,
    }),
    reason: turn.around.canFetch ? 'gap_fill_failed' : 'gap_fill_unavailable',
    missing: [],
  });
}

/** Far-off seqs that are looked up at the same time in one conversation; more than that is noise. */
const SUSPECTS_AT_ONCE = 8;
