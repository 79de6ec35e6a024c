import { TIMING } from '../bounds.js';
import type { GapReason, SeqRange } from '../events.js';
import type { Arrival } from './arrival.js';
import { below, hold } from './arriving.js';
import { type Gap, newGap, UNANCHORED } from './conversation.js';
import type { Step } from './step.js';

type GapDecision =
  | { readonly kind: 'nothing' | 'wait for room' | 'fill' }
  | { readonly kind: 'wait'; readonly until: number }
  | { readonly kind: 'give up'; readonly reason: GapReason };

/** GAP-1, GAP-2: when a gap is filled. Every reason to wait, to ask history or to give up stands here. */
function decideGap({ sequence, around, room }: Step, gap: Gap): GapDecision {
  const { now } = around;
  const { asking } = sequence;
  // History is being asked already.
  if (asking.underWay) return { kind: 'nothing' };
  // BP-1: it is filled when the lane can take what it brings.
  if (room <= 0) return { kind: 'wait for room' };
  // What is missing may still arrive by itself.
  const windowEnd = gap.since + around.gapWindowMs;
  if (!gap.asked && now < windowEnd) return { kind: 'wait', until: windowEnd };
  if (!around.canFetch) return { kind: 'give up', reason: 'gap_fill_unavailable' };
  // The drain that is running may bring it.
  const drainPatience = gap.since + TIMING.drainPatience;
  if (!gap.asked && around.draining && now < drainPatience) return { kind: 'wait', until: drainPatience };
  if (now >= asking.retryAt) return { kind: 'fill' };
  // A gap has the whole time to itself, also behind one that was given up.
  const giveUpAt = Math.max(asking.failingSince ?? now, gap.since) + around.gapGiveUpMs;
  if (now >= giveUpAt) return { kind: 'give up', reason: 'gap_fill_failed' };
  return { kind: 'wait', until: Math.min(asking.retryAt, giveUpAt) };
}

export function decideFlow(step: Step): void {
  const { conversation, sequence, around } = step;
  for (;;) {
    flush(step);
    closeGapIfPassed(step);
    if (sequence.hold.has(conversation.expected)) {
      sequence.waitsForRoom = true;
      return;
    }
    if (conversation.expected > sequence.known) return; // nothing is missing
    const gap = openGap(step);
    const decision = decideGap(step, gap);
    switch (decision.kind) {
      case 'nothing':
        return;
      case 'wait for room':
        sequence.waitsForRoom = true;
        return;
      case 'wait':
        step.wakeAt(decision.until);
        return;
      case 'fill': {
        gap.asked = true;
        sequence.asking.begin(around.now);
        const after = Math.max(conversation.expected - 1, sequence.covered);
        step.effects.push({ kind: 'fetch', purpose: 'gap', after });
        return;
      }
      case 'give up':
        giveUp(step, decision.reason);
    }
  }
}

/** Delivers what stands next, as far as the lane has room, and steps over holes. */
function flush(step: Step): void {
  const { conversation, sequence } = step;
  for (;;) {
    const next = sequence.hold.get(conversation.expected);
    const arrived = next !== undefined && next.source !== 'fill';
    if (sequence.gap === null && !arrived && conversation.expected <= sequence.covered) openFilledGap(step);
    if (next !== undefined) {
      if (next.event !== null && step.room <= 0) return;
      sequence.hold.delete(next.seq);
      conversation.expected += 1;
      if (next.standing === 'unusable') {
        stepOverUnusable(step, next);
        continue;
      }
      if (next.event !== null) step.room -= 1;
      noteArrival(sequence.gap, next);
      step.effects.push({ kind: 'deliver', arrival: next });
      closeGapIfPassed(step);
    } else if (conversation.expected <= sequence.covered) {
      const lowest = sequence.hold.lowest();
      const end = lowest === undefined ? sequence.covered : Math.min(sequence.covered, lowest.seq - 1);
      const range = { from: conversation.expected, to: end };
      conversation.expected = end + 1;
      step.effects.push({ kind: 'missing', range, hole: true });
      closeGapIfPassed(step);
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

function openGap(step: Step): Gap {
  const { conversation, sequence, around } = step;
  const lowest = sequence.hold.lowest();
  const through = lowest === undefined ? sequence.known : lowest.seq - 1;
  if (sequence.gap !== null) {
    if (through < sequence.gap.through) sequence.gap.through = through;
    return sequence.gap;
  }
  const since = lowest?.at ?? around.now;
  const asked = sequence.covered >= conversation.expected;
  return open(step, { since, from: conversation.expected, through, buffered: lowest?.seq ?? null, asked });
}

/** GAP-3: one run through history may fill several gaps. Each is told of. */
function openFilledGap(step: Step): void {
  const { hold } = step.sequence;
  const behind = hold.lowest(({ source }) => source !== 'fill');
  // What history shows above everything that has arrived was not waited for.
  if (behind === undefined) return;
  const { seq, at } = behind;
  open(step, { since: at, from: step.conversation.expected, through: seq - 1, buffered: seq, asked: true });
}

function open(step: Step, facts: Parameters<typeof newGap>[0]): Gap {
  const gap = newGap(facts);
  step.sequence.gap = gap;
  step.effects.push({ kind: 'gap-opened', gap });
  return gap;
}

function closeGapIfPassed(step: Step): void {
  const { gap, asking } = step.sequence;
  if (gap === null || step.conversation.expected <= gap.through) return;
  asking.failingSince = null;
  if (gap.lost.length > 0) closeGap(step, gap, 'gap_fill_failed', gap.lost);
  else closeGap(step, gap, gap.asked ? 'gap_filled' : null, []);
}

/** GAP-3: the conversation goes on, and the report names what it goes on without. */
function stepOverUnusable(step: Step, { seq, at }: Arrival): void {
  const range = { from: seq, to: seq };
  step.effects.push({ kind: 'missing', range, hole: false });
  step.sequence.gap ??= newGap({ since: at, from: seq, through: seq, buffered: null, asked: true });
  step.sequence.gap.lost.push(range);
  closeGapIfPassed(step);
}

function closeGap(step: Step, gap: Gap, reason: GapReason | null, missing: SeqRange[]): void {
  step.sequence.gap = null;
  step.sequence.asking.fruitless = 0;
  step.effects.push({ kind: 'gap-closed', gap, reason, missing });
}

/** GAP-3: goes on behind the gap, and says exactly what is missing. */
export function giveUp(step: Step, reason: GapReason): void {
  const { conversation, sequence } = step;
  if (conversation.expected === UNANCHORED) return;
  flush(step);
  closeGapIfPassed(step);
  if (conversation.expected > sequence.known || sequence.hold.has(conversation.expected)) return;
  const gap = openGap(step);
  const range = { from: conversation.expected, to: gap.through };
  conversation.expected = gap.through + 1;
  sequence.asking.retryAt = 0;
  step.effects.push({ kind: 'missing', range, hole: false });
  closeGap(step, gap, reason, [...gap.lost, range]);
}

/** GAP-4: when the hold is full the service is the buffer. The lowest are kept: one of them says where to begin. */
export function relieve(step: Step): void {
  const { sequence, around, conversation } = step;
  const { hold } = sequence;
  const anchored = conversation.expected !== UNANCHORED;
  const most = Math.min(around.holdPerConversation, step.heldBefore + Math.max(around.holdRoom, 0));
  while (hold.size > Math.max(most, anchored ? 0 : 1)) {
    const { size } = hold;
    if (anchored && !around.canFetch) {
      // Without history nothing that is shed could come back: deliver what there is and say so.
      giveUp(step, 'buffer_overflow');
      decideFlow(step);
      if (hold.size < size) continue;
    }
    const highest = hold.highest();
    if (highest === undefined) return;
    hold.delete(highest.seq);
    // What history showed is not at hand any more, and no hole.
    sequence.covered = Math.min(sequence.covered, highest.seq - 1);
    step.effects.push({ kind: 'shed', from: 'hold', arrival: highest });
  }
}

export function page(step: Step, after: number, rows: readonly Arrival[]): void {
  const { conversation, sequence, around } = step;
  const { asking } = sequence;
  asking.underWay = false;
  if (conversation.expected === UNANCHORED) return;
  const waiting = new Set(sequence.hold.values());
  let read = after;
  for (const arrival of rows) {
    read = Math.max(read, arrival.seq);
    if (arrival.seq < conversation.expected) below(step, arrival);
    else hold(step, arrival);
  }
  const { end, settledAt } = believable(step, read, waiting);
  if (end < read) {
    // Too early to call it a hole. Take what precedes it, and ask again when the gap has settled.
    sequence.covered = Math.max(sequence.covered, end);
    asking.retryAt = settledAt;
  } else if (read > sequence.covered && read >= conversation.expected) {
    sequence.covered = read;
    asking.failingSince = null;
    asking.fruitless = 0;
    asking.retryAt = 0;
  } else {
    // Lag: history does not show yet what we know to exist.
    asking.inVain(around.now, around.random, 0);
  }
}

/** Through which seq a page is believed, and from when on it may be believed further. */
type Belief = { readonly end: number; readonly settledAt: number };

/**
 * How far a page that was read through `read` may be believed. What it leaves out is a hole only if, when it was asked
 * for, something above had been waiting long enough: what is being written then may still be invisible.
 */
function believable(step: Step, read: number, waiting: ReadonlySet<Arrival>): Belief {
  const { gap, hold, covered, asking } = step.sequence;
  const held = [...hold.values()].sort((a, b) => a.seq - b.seq);
  /** Since when something above has been waiting, for each place in `held`. */
  const waitedSince: number[] = new Array(held.length).fill(step.around.now);
  for (let i = held.length - 1, since = step.around.now; i >= 0; i -= 1) {
    const arrival = held[i];
    if (arrival !== undefined && waiting.has(arrival)) since = Math.min(since, arrival.at);
    waitedSince[i] = since;
  }
  let next = Math.max(step.conversation.expected, covered + 1);
  for (const [i, { seq }] of held.entries()) {
    if (seq > read) break;
    if (seq > next) {
      const gapSince = gap !== null && next <= gap.through ? gap.since : step.around.now;
      const settledAt = Math.min(waitedSince[i] ?? gapSince, gapSince) + TIMING.holeSettle;
      if (asking.askedAt < settledAt) return { end: next - 1, settledAt };
    }
    next = Math.max(next, seq + 1);
  }
  return { end: read, settledAt: 0 };
}
