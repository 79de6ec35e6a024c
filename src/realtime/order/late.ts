import { TIMING } from '../bounds.js';
import type { GapReason, SeqRange } from '../events.js';
import { doubled, jittered } from '../util/backoff.js';
import type { Arrival } from './arrival.js';
import type { Debts } from './debts.js';
import { SeqRanges } from './seq-ranges.js';
import { newGap } from './sequence.js';
import type { Turn } from './step.js';

/** Late messages that found no room in their lane, and how far history has been asked for them again (BP-1). */
export interface Late {
  /** This round has got to here. A round goes through everything that was shed, lowest first. */
  after: number;
  /** True while a page is being fetched (single flight). */
  asking: boolean;
  /** Answers that brought nothing, in a row. */
  fruitless: number;
  /** Since when history has been asked in vain. */
  failingSince: number | null;
  /** Not asked before this moment. */
  retryAt: number;
}

export function newLate(): Late {
  return { after: -1, asking: false, fruitless: 0, failingSince: null, retryAt: 0 };
}

/** BP-1: a late message goes to its handlers if its lane has room, and is remembered by its seq if not. */
export function deliverLate(turn: Turn, arrival: Arrival): void {
  const { sequence } = turn;
  if (turn.room > 0) {
    turn.room -= 1;
    arrival.standing = 'late';
    turn.effects.push({ kind: 'deliver', arrival });
    return;
  }
  turn.effects.push({ kind: 'shed-late', arrival });
  sequence.late ??= newLate();
  sequence.late.after = Math.min(sequence.late.after, arrival.seq - 1);
}

/** A page of history, asked for because of shed messages. Nothing else that it shows is meant for anybody. */
export function refetched(turn: Turn, after: number, rows: readonly Arrival[]): void {
  const { late } = turn.sequence;
  if (late === null) return;
  late.asking = false;
  const debts = debtsOf(turn);
  let read = after;
  let found = 0;
  for (const arrival of rows) {
    if (debts !== null && isWanted(debts, arrival.seq)) {
      if (turn.room <= 0) break;
      found += 1;
      if (arrival.standing === 'unusable') lose(turn, [single(arrival.seq)], arrival.at, 'gap_fill_failed');
      else deliverLate(turn, arrival);
    }
    read = arrival.seq;
  }
  if (found > 0) {
    late.fruitless = 0;
    late.failingSince = null;
  }
  // What the page leaves out is asked for in the next round.
  if (read > after) late.after = Math.max(late.after, read);
  else if (turn.room > 0) late.after = Number.MAX_SAFE_INTEGER;
}

export function refetchFailed(turn: Turn, final: boolean, retryAfterMs: number): void {
  const { late } = turn.sequence;
  if (late === null) return;
  late.asking = false;
  if (final) giveUpLate(turn, 'gap_fill_failed');
  else backOffLate(turn, late, retryAfterMs);
}

export function decideLate(turn: Turn): void {
  const { sequence, around } = turn;
  const { late } = sequence;
  if (late === null || late.asking) return;
  if (turn.room <= 0) {
    sequence.waitsForRoom = true;
    return;
  }
  const debts = debtsOf(turn);
  let next = debts?.nextShed(late.after + 1);
  if (next === undefined && late.after >= 0) {
    // The round is over. What is left was not shown: too new for history, or gone from it.
    late.after = -1;
    next = debts?.nextShed(0);
    if (next !== undefined) backOffLate(turn, late, 0);
  }
  if (next === undefined) {
    sequence.late = null;
  } else if (!around.canFetch) {
    giveUpLate(turn, 'gap_fill_unavailable');
  } else if (around.now >= late.retryAt) {
    late.asking = true;
    turn.effects.push({ kind: 'refetch', after: next - 1 });
  } else {
    const giveUpAt = (late.failingSince ?? around.now) + around.gapGiveUpMs;
    if (around.now >= giveUpAt) giveUpLate(turn, 'gap_fill_failed');
    else turn.wakeAt(Math.min(late.retryAt, giveUpAt));
  }
}

/** GAP-3: what was turned away and cannot be had again is named. */
function giveUpLate(turn: Turn, reason: GapReason): void {
  const { sequence, around } = turn;
  const debts = debtsOf(turn);
  const since = sequence.late?.failingSince ?? around.now;
  sequence.late = null;
  if (debts === null) return;
  const left = new SeqRanges();
  for (const range of debts.shed.all) left.add(range);
  for (const seq of debts.lateInLane) left.remove(single(seq));
  lose(turn, [...left.all], since, reason);
}

function lose(turn: Turn, missing: SeqRange[], since: number, reason: GapReason): void {
  const first = missing[0];
  const last = missing.at(-1);
  if (first === undefined || last === undefined) return;
  for (const range of missing) turn.effects.push({ kind: 'missing', range, hole: false });
  const gap = newGap({ since, from: first.from, through: last.to, buffered: null, asked: true });
  turn.effects.push({ kind: 'gap-closed', gap, reason, missing });
}

function backOffLate(turn: Turn, late: Late, retryAfterMs: number): void {
  const { now, random } = turn.around;
  const pause = jittered(doubled(TIMING.fillBackoffMin, late.fruitless, TIMING.fillBackoffMax), random);
  late.fruitless += 1;
  late.failingSince ??= now;
  late.retryAt = now + Math.max(pause, retryAfterMs);
}

function isWanted(debts: Debts, seq: number): boolean {
  return debts.shed.has(seq) && !debts.lateInLane.has(seq);
}

function debtsOf(turn: Turn): Debts | null {
  return turn.busy.debts;
}

function single(seq: number): SeqRange {
  return { from: seq, to: seq };
}
