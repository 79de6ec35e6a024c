import { TIMING } from '../bounds.js';
import type { SeqRange } from '../events.js';
import { type Busy, type Sequence, UNANCHORED } from '../order/conversation.js';
import type { Conversations } from '../order/conversations.js';
import type { CatchUpForOrder } from '../order/neighbours.js';

/** So many are told one by one; how many there are is told in any case. */
export const HOLDUPS_AT_MOST = 20;
/** A handler that is at work for less is not worth a word. */
const WORTH_A_WORD_MS = 5_000;

/**
 * What a conversation waits for: the messages of a gap; its position, which decides where it may begin (ORD-3); or the
 * handlers of a message.
 */
export type HoldupKind = 'gap' | 'position' | 'handler';

/** A conversation that cannot go on at this moment. */
export interface Holdup {
  readonly conversationId: string;
  readonly kind: HoldupKind;
  /** The next seq that it may deliver; `null` while it has no position. */
  readonly expected: number | null;
  /** What is missing; `null` unless it waits for a gap. */
  readonly missing: SeqRange | null;
  /** Messages that have arrived and wait. */
  readonly waiting: number;
  /** How long it has waited, in ms. */
  readonly forMs: number;
  /** What is being done about it: the rest of a sentence. */
  readonly doing: string;
}

/** The conversations that wait, those that have waited longest first. */
export interface Holdups {
  readonly total: number;
  /** At most {@link HOLDUPS_AT_MOST}. */
  readonly longest: readonly Holdup[];
}

type CatchUpFacts = Pick<CatchUpForOrder, 'canFetch' | 'drains'>;

/** Looks at all conversations: for people, not for every message. */
export function holdupsOf(conversations: Conversations, now: number, catchUp: CatchUpFacts): Holdups {
  const found: Holdup[] = [];
  for (const busy of conversations.busy) {
    const holdup = ofSequence(busy, now, catchUp) ?? ofLane(busy, now);
    if (holdup !== null) found.push(holdup);
  }
  found.sort((a, b) => b.forMs - a.forMs);
  return { total: found.length, longest: found.slice(0, HOLDUPS_AT_MOST) };
}

function ofSequence(busy: Busy, now: number, catchUp: CatchUpFacts): Holdup | null {
  const { id: conversationId, sequence } = busy;
  const { expected } = busy.conversation;
  if (sequence === null) return null;
  const { gap, anchoring, hold } = sequence;
  const waiting = hold.size;
  if (expected === UNANCHORED) {
    if (anchoring === null) return null;
    const forMs = now - anchoring.since;
    const doing = POSITION[anchoring.step];
    return { conversationId, kind: 'position', expected: null, missing: null, waiting, forMs, doing };
  }
  // Nothing is missing where the next one is at hand: it waits for room in its lane.
  if (gap === null || hold.has(expected)) return null;
  const missing = { from: expected, to: Math.max(gap.through, expected) };
  const forMs = now - gap.since;
  const doing = doneAbout(sequence, now, catchUp);
  return { conversationId, kind: 'gap', expected, missing, waiting, forMs, doing };
}

const POSITION = {
  store: 'the store has not said yet where it left off',
  drain: 'it begins after the messages missed while offline have been read',
  look: 'the client is looking for older messages; if REST does not answer, it begins anyway',
};

function doneAbout(sequence: Sequence, now: number, { drains, canFetch }: CatchUpFacts): string {
  const { gap, waitsForRoom, timerAt } = sequence;
  const { underWay, retryAt, fruitless } = sequence.asking;
  if (underWay) return 'the client is reading the history';
  if (waitsForRoom) return 'its queue is full, so its handlers have to catch up first';
  if (retryAt > now) {
    const often = fruitless > 1 ? ` (asked ${fruitless} times)` : '';
    return `the history did not show it${often}; the client asks again in ${seconds(retryAt - now)}`;
  }
  if (!canFetch) return 'it may still arrive; without a `client` the history cannot be read';
  if (drains.draining) return 'it may be among the messages missed while offline, which are being read';
  if (gap?.asked === false && timerAt > now)
    return `it may still arrive; the client reads the history in ${seconds(timerAt - now)}`;
  return 'the client reads the history next';
}

function ofLane({ id: conversationId, lane, conversation, sequence }: Busy, now: number): Holdup | null {
  const turn = lane?.turn ?? null;
  if (lane === null || turn === null) return null;
  const backingOff = lane.state === 'backing off';
  const forMs = now - (backingOff ? turn.arrival.at : lane.startedAt);
  if (!backingOff && (lane.state !== 'running' || forMs < WORTH_A_WORD_MS)) return null;
  const expected = conversation.expected === UNANCHORED ? null : conversation.expected;
  const waiting = lane.waiting + (sequence?.hold.size ?? 0);
  const message = `message ${turn.arrival.message?.id ?? ''}`;
  const slow = forMs >= TIMING.slowHandler ? ' and no longer counts towards `concurrency`' : '';
  const doing = backingOff
    ? `a handler failed on ${message} and is called again soon (attempt ${turn.attempt})`
    : `a handler is working on ${message} (attempt ${turn.attempt})${slow}`;
  return { conversationId, kind: 'handler', expected, missing: null, waiting, forMs, doing };
}

/** In words, rounded up: "in 0 s" would not be true. */
export function seconds(ms: number): string {
  return `${Math.max(Math.ceil(ms / 1000), 1)} s`;
}
