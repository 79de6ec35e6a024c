import type { GapReason, SeqRange } from '../events.js';
import type { Arrival } from './arrival.js';
import { Late, newGap } from './conversation.js';
import { SeqRanges } from './outstanding.js';
import type { Step } from './step.js';

/** BP-1: a late message goes to its handlers if its lane has room, and is remembered by its seq if not. */
export function deliverLate(step: Step, arrival: Arrival): void {
  const { sequence } = step;
  arrival.standing = 'late';
  if (step.room > 0) {
    step.room -= 1;
    step.effects.push({ kind: 'deliver', arrival });
    return;
  }
  step.effects.push({ kind: 'shed', from: 'late', arrival });
  sequence.late ??= new Late();
  sequence.late.after = Math.min(sequence.late.after, arrival.seq - 1);
}

/** A page of history, asked for because of shed messages. Nothing else that it shows is meant for anybody. */
export function refetched(step: Step, after: number, rows: readonly Arrival[]): void {
  const { late } = step.sequence;
  if (late === null) return;
  late.asking.underWay = false;
  const { outstanding } = step.busy;
  let read = after;
  let found = 0;
  for (const arrival of rows) {
    const { seq, at, standing } = arrival;
    if (outstanding?.isTurnedAway(seq)) {
      if (step.room <= 0) break;
      found += 1;
      if (standing === 'unusable') lose(step, [{ from: seq, to: seq }], at, 'gap_fill_failed');
      else deliverLate(step, arrival);
    }
    read = seq;
  }
  if (found > 0) {
    late.asking.fruitless = 0;
    late.asking.failingSince = null;
  }
  // What the page leaves out is asked for in the next round.
  if (read > after) late.after = Math.max(late.after, read);
  else if (step.room > 0) late.after = Number.MAX_SAFE_INTEGER;
}

export function refetchFailed(step: Step, final: boolean, retryAfterMs: number): void {
  const { late } = step.sequence;
  if (late === null) return;
  late.asking.underWay = false;
  if (final) giveUpLate(step, 'gap_fill_failed');
  else late.asking.inVain(step.around.now, step.around.random, retryAfterMs);
}

export function decideLate(step: Step): void {
  const { sequence, around } = step;
  const { late } = sequence;
  if (late === null || late.asking.underWay) return;
  if (step.room <= 0) {
    sequence.waitsForRoom = true;
    return;
  }
  const { outstanding } = step.busy;
  let next = outstanding?.nextShed(late.after + 1);
  if (next === undefined && late.after >= 0) {
    // The round is over. What is left was not shown: too new for history, or gone from it.
    late.after = -1;
    next = outstanding?.nextShed(0);
    if (next !== undefined) late.asking.inVain(around.now, around.random, 0);
  }
  if (next === undefined) {
    sequence.late = null;
  } else if (!around.canFetch) {
    giveUpLate(step, 'gap_fill_unavailable');
  } else if (around.now >= late.asking.retryAt) {
    late.asking.begin(around.now);
    step.effects.push({ kind: 'fetch', purpose: 'shed', after: next - 1 });
  } else {
    const giveUpAt = (late.asking.failingSince ?? around.now) + around.gapGiveUpMs;
    if (around.now >= giveUpAt) giveUpLate(step, 'gap_fill_failed');
    else step.wakeAt(Math.min(late.asking.retryAt, giveUpAt));
  }
}

/** GAP-3: what was turned away and cannot be had again is named. */
function giveUpLate(step: Step, reason: GapReason): void {
  const { sequence, around, busy } = step;
  const { outstanding } = busy;
  const since = sequence.late?.asking.failingSince ?? around.now;
  sequence.late = null;
  if (outstanding === null) return;
  const left = new SeqRanges(outstanding.shed.all);
  for (const seq of outstanding.lateInLane) left.remove({ from: seq, to: seq });
  lose(step, [...left.all], since, reason);
}

function lose(step: Step, missing: SeqRange[], since: number, reason: GapReason): void {
  const first = missing[0];
  const last = missing.at(-1);
  if (first === undefined || last === undefined) return;
  for (const range of missing) step.effects.push({ kind: 'missing', range, hole: false });
  const gap = newGap({ since, from: first.from, through: last.to, buffered: null, asked: true });
  step.effects.push({ kind: 'gap-closed', gap, reason, missing });
}
