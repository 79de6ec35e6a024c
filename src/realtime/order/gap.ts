import { TIMING } from '../bounds.js';
import type { GapReason, SeqRange } from '../events.js';
import type { Arrival } from './arrival.js';
import { UNANCHORED } from './conversation.js';
import { type Gap, newGap, type Sequence } from './sequence.js';
import type { Turn } from './step.js';

export function decideFlow(turn: Turn): void {
  const { conversation, sequence, around } = turn;
  for (;;) {
    flush(turn);
    closeGapIfPassed(turn);
    if (sequence.hold.has(conversation.expected)) {
      sequence.waitsForRoom = true;
      return;
    }
    if (conversation.expected > sequence.known) return; // nothing is missing
    openGap(turn);
    const { gap } = sequence;
    if (gap === null || sequence.fetching) return;
    if (turn.room <= 0) {
      // BP-1: fetched when the lane can take it.
      sequence.waitsForRoom = true;
      return;
    }
    const windowEnd = gap.since + around.gapWindowMs;
    if (!gap.asked && around.now < windowEnd) {
      turn.timerAt = windowEnd;
      return;
    }
    if (!around.canFetch) {
      giveUp(turn, 'gap_fill_unavailable');
      continue;
    }
    if (!gap.asked && around.draining && around.now < gap.since + TIMING.drainPatience) {
      turn.timerAt = gap.since + TIMING.drainPatience;
      return;
    }
    if (around.now < sequence.retryAt) {
      // A gap has the whole time to itself, also behind one that was given up.
      const giveUpAt = Math.max(sequence.failingSince ?? around.now, gap.since) + around.gapGiveUpMs;
      if (around.now < giveUpAt) {
        turn.timerAt = Math.min(sequence.retryAt, giveUpAt);
        return;
      }
      giveUp(turn, 'gap_fill_failed');
      continue;
    }
    gap.asked = true;
    sequence.fetching = true;
    sequence.askedAt = around.now;
    turn.effects.push({ kind: 'fetch', after: Math.max(conversation.expected - 1, sequence.covered) });
    return;
  }
}

/** Delivers what stands next, as far as the lane has room, and steps over holes. */
function flush(turn: Turn): void {
  const { conversation, sequence } = turn;
  for (;;) {
    const next = sequence.hold.get(conversation.expected);
    const arrived = next !== undefined && next.source !== 'fill';
    if (sequence.gap === null && !arrived && conversation.expected <= sequence.covered) openFilledGap(turn);
    if (next !== undefined) {
      if (next.event !== null && turn.room <= 0) return;
      sequence.hold.take(next.seq);
      conversation.expected += 1;
      if (next.standing === 'unusable') {
        stepOverUnusable(turn, next);
        continue;
      }
      if (next.event !== null) turn.room -= 1;
      noteArrival(sequence.gap, next);
      turn.effects.push({ kind: 'deliver', arrival: next });
      closeGapIfPassed(turn);
    } else if (conversation.expected <= sequence.covered) {
      const lowest = sequence.hold.lowest();
      const end = lowest === undefined ? sequence.covered : Math.min(sequence.covered, lowest.seq - 1);
      const range = { from: conversation.expected, to: end };
      conversation.expected = end + 1;
      turn.effects.push({ kind: 'missing', range, hole: true });
      closeGapIfPassed(turn);
    } else {
      return;
    }
  }
}

function noteArrival(gap: Gap | null, { seq, at, source }: Arrival): void {
  if (gap === null || seq > gap.through) return;
  gap.arrivedAt = Math.max(gap.arrivedAt, at);
  if (source !== 'live') gap.live = false;
}

function openGap(turn: Turn): void {
  const { conversation, sequence, around } = turn;
  const lowest = sequence.hold.lowest();
  const through = lowest === undefined ? sequence.known : lowest.seq - 1;
  if (sequence.gap !== null) {
    if (through < sequence.gap.through) sequence.gap.through = through;
    return;
  }
  const since = lowest?.at ?? around.now;
  const asked = sequence.covered >= conversation.expected;
  open(turn, { since, from: conversation.expected, through, buffered: lowest?.seq ?? null, asked });
}

/** GAP-3: one run through history may fill several gaps. Each is told of. */
function openFilledGap(turn: Turn): void {
  const { hold } = turn.sequence;
  const behind = hold.lowest(({ source }) => source !== 'fill');
  // What history shows above everything that has arrived was not waited for.
  if (behind === undefined) return;
  const { seq, at } = behind;
  const from = turn.conversation.expected;
  open(turn, { since: at, from, through: seq - 1, buffered: seq, asked: true });
}

function open(turn: Turn, facts: Parameters<typeof newGap>[0]): void {
  const gap = newGap(facts);
  turn.sequence.gap = gap;
  turn.effects.push({ kind: 'gap-opened', gap });
}

function closeGapIfPassed(turn: Turn): void {
  const { gap } = turn.sequence;
  if (gap === null || turn.conversation.expected <= gap.through) return;
  turn.sequence.failingSince = null;
  if (gap.lost.length > 0) closeGap(turn, gap, 'gap_fill_failed', gap.lost);
  else closeGap(turn, gap, gap.asked ? 'gap_filled' : null, []);
}

/** GAP-3: the conversation goes on, and the report names what it goes on without. */
function stepOverUnusable(turn: Turn, { seq, at }: Arrival): void {
  const range = { from: seq, to: seq };
  turn.effects.push({ kind: 'missing', range, hole: false });
  turn.sequence.gap ??= newGap({ since: at, from: seq, through: seq, buffered: null, asked: true });
  turn.sequence.gap.lost.push(range);
  closeGapIfPassed(turn);
}

function closeGap(
  turn: Turn,
  gap: NonNullable<Sequence['gap']>,
  reason: GapReason | null,
  missing: SeqRange[],
): void {
  turn.sequence.gap = null;
  turn.sequence.fruitless = 0;
  turn.effects.push({ kind: 'gap-closed', gap, reason, missing });
}

/** GAP-3: goes on behind the gap, and says exactly what is missing. */
export function giveUp(turn: Turn, reason: GapReason): void {
  const { conversation, sequence } = turn;
  if (conversation.expected === UNANCHORED) return;
  flush(turn);
  closeGapIfPassed(turn);
  if (conversation.expected > sequence.known || sequence.hold.has(conversation.expected)) return;
  openGap(turn);
  const { gap } = sequence;
  if (gap === null) return;
  const range = { from: conversation.expected, to: gap.through };
  conversation.expected = gap.through + 1;
  sequence.retryAt = 0;
  turn.effects.push({ kind: 'missing', range, hole: false });
  closeGap(turn, gap, reason, [...gap.lost, range]);
}

/**
 * GAP-4: when the hold is full the service is the buffer. The lowest seqs are the ones worth keeping. A conversation
 * without a position keeps the one that says where it may begin.
 */
export function relieve(turn: Turn): void {
  const { sequence, around, conversation } = turn;
  const { hold } = sequence;
  const anchored = conversation.expected !== UNANCHORED;
  const most = Math.min(around.holdPerConversation, turn.heldBefore + Math.max(around.holdRoom, 0));
  while (hold.size > Math.max(most, anchored ? 0 : 1)) {
    const { size } = hold;
    if (anchored && !around.canFetch) {
      // Without history nothing that is shed could come back: deliver what there is and say so.
      giveUp(turn, 'buffer_overflow');
      decideFlow(turn);
      if (hold.size < size) continue;
    }
    const highest = hold.highest();
    if (highest === undefined) return;
    hold.take(highest.seq);
    // What history showed is not at hand any more, and no hole.
    sequence.covered = Math.min(sequence.covered, highest.seq - 1);
    turn.effects.push({ kind: 'shed', arrival: highest });
  }
}
