import { TIMING } from '../bounds.js';
import { doubled, jittered } from '../util/backoff.js';
import type { Arrival } from './arrival.js';
import { below, hold } from './arriving.js';
import { UNANCHORED } from './conversation.js';
import type { Turn } from './step.js';

export function page(turn: Turn, after: number, rows: readonly Arrival[]): void {
  const { conversation, sequence } = turn;
  sequence.fetching = false;
  if (conversation.expected === UNANCHORED) return;
  const waiting = new Set(sequence.hold.values());
  let read = after;
  for (const arrival of rows) {
    if (arrival.seq < conversation.expected) {
      below(turn, arrival);
      read = Math.max(read, arrival.seq);
      continue;
    }
    read = Math.max(read, arrival.seq);
    hold(turn, arrival);
  }
  const { end, settledAt } = believable(turn, read, waiting);
  if (end < read) {
    // Too early to call it a hole. Take what precedes it, and ask again when the gap has settled.
    sequence.covered = Math.max(sequence.covered, end);
    sequence.retryAt = settledAt;
    return;
  }
  if (read > sequence.covered && read >= conversation.expected) {
    sequence.covered = read;
    sequence.failingSince = null;
    sequence.fruitless = 0;
    sequence.retryAt = 0;
  } else {
    // Lag: history does not show yet what we know to exist.
    backOff(turn, 0);
  }
}

/**
 * How far a page that was read through `read` may be believed. What it leaves out is a hole only if, when it was asked
 * for, something above had been waiting long enough: what is being written then may still be invisible.
 */
function believable(
  turn: Turn,
  read: number,
  waiting: ReadonlySet<Arrival>,
): { end: number; settledAt: number } {
  const { gap, hold, covered, askedAt } = turn.sequence;
  const held = [...hold.values()].sort((a, b) => a.seq - b.seq);
  /** Since when something above has been waiting, for each place in `held`. */
  const waitedSince: number[] = new Array(held.length).fill(turn.around.now);
  for (let i = held.length - 1, since = turn.around.now; i >= 0; i -= 1) {
    const arrival = held[i];
    if (arrival !== undefined && waiting.has(arrival)) since = Math.min(since, arrival.at);
    waitedSince[i] = since;
  }
  let next = Math.max(turn.conversation.expected, covered + 1);
  for (const [i, { seq }] of held.entries()) {
    if (seq > read) break;
    if (seq > next) {
      const gapSince = gap !== null && next <= gap.through ? gap.since : turn.around.now;
      const settledAt = Math.min(waitedSince[i] ?? gapSince, gapSince) + TIMING.holeSettle;
      if (askedAt < settledAt) return { end: next - 1, settledAt };
    }
    next = Math.max(next, seq + 1);
  }
  return { end: read, settledAt: 0 };
}

export function backOff(turn: Turn, retryAfterMs: number): void {
  const { sequence, around } = turn;
  const longer = doubled(TIMING.fillBackoffMin, sequence.fruitless, TIMING.fillBackoffMax);
  const pause = jittered(longer, around.random);
  sequence.fruitless += 1;
  sequence.failingSince ??= sequence.askedAt;
  // A server's `Retry-After` is never undercut.
  sequence.retryAt = around.now + Math.max(pause, retryAfterMs);
}
