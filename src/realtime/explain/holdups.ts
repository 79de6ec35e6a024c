import { TIMING } from '../bounds.js';
import type { SeqRange } from '../events.js';
import type { Lane } from '../lanes/lane.js';
import { type Busy, type Sequence, UNANCHORED } from '../order/conversation.js';
import type { Conversations } from '../order/conversations.js';

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

/** What is known of the surroundings. */
export interface HoldupFacts {
  readonly now: number;
  /** A drain is running. */
  readonly draining: boolean;
  /** There is a `client` to ask. */
  readonly canFetch: boolean;
}

/** Looks at all conversations: for people, not for every message. */
export function holdupsOf(conversations: Conversations, facts: HoldupFacts): Holdups {
  const found: Holdup[] = [];
  for (const busy of conversations.busy) {
    const holdup = ofSequence(busy, facts) ?? ofLane(busy, facts);
    if (holdup !== null) found.push(holdup);
  }
  found.sort((a, b) => b.forMs - a.forMs);
  return { total: found.length, longest: found.slice(0, HOLDUPS_AT_MOST) };
}

function ofSequence(busy: Busy, facts: HoldupFacts): Holdup | null {
  const { id, sequence, conversation } = busy;
  if (sequence === null) return null;
  const { gap, anchoring, hold } = sequence;
  const waiting = hold.size;
  if (conversation.expected === UNANCHORED) {
    if (anchoring === null) return null;
    const forMs = facts.now - anchoring.since;
    const doing = POSITION[anchoring.step];
    return { conversationId: id, kind: 'position', expected: null, missing: null, waiting, forMs, doing };
  }
  const { expected } = conversation;
  // Nothing is missing where the next one is at hand: it waits for room in its lane.
  if (gap === null || hold.has(expected)) return null;
  const missing = { from: expected, to: Math.max(gap.through, expected) };
  const forMs = facts.now - gap.since;
  return {
    conversationId: id,
    kind: 'gap',
    expected,
    missing,
    waiting,
    forMs,
    doing: doneAbout(sequence, facts),
  };
}

const POSITION = {
  store: 'the store is being asked where it stood',
  drain: 'it begins when what was missed offline has been read',
  look: 'REST is being asked for older messages; without an answer it begins all the same',
};

function doneAbout(sequence: Sequence, { now, draining, canFetch }: HoldupFacts): string {
  const { gap, waitsForRoom, timerAt } = sequence;
  const { underWay, retryAt, fruitless } = sequence.asking;
  if (underWay) return 'history is being read';
  if (waitsForRoom) return 'its lane is full: handlers first';
  if (retryAt > now) {
    return `history did not show it${fruitless > 1 ? `, ${fruitless} times` : ''}; it is asked again in ${seconds(retryAt - now)}`;
  }
  if (!canFetch) return 'it may still arrive; there is no `client` whose history could be asked';
  if (draining) return 'the drain that is running may bring it';
  if (gap?.asked === false && timerAt > now)
    return `it may still arrive; history is asked in ${seconds(timerAt - now)}`;
  return 'history is asked next';
}

function ofLane(busy: Busy, { now }: HoldupFacts): Holdup | null {
  const { id, lane, conversation, sequence } = busy;
  const turn = lane?.turn ?? null;
  if (lane === null || turn === null) return null;
  const backingOff = lane.state === 'backing off';
  const forMs = now - (backingOff ? turn.arrival.at : lane.startedAt);
  if (!backingOff && (lane.state !== 'running' || forMs < WORTH_A_WORD_MS)) return null;
  return {
    conversationId: id,
    kind: 'handler',
    expected: conversation.expected === UNANCHORED ? null : conversation.expected,
    missing: null,
    waiting: lane.waiting + (sequence?.hold.size ?? 0),
    forMs,
    doing: atWork(lane, turn.arrival.message?.id ?? '', turn.attempt, forMs),
  };
}

function atWork(lane: Lane, messageId: string, attempt: number, forMs: number): string {
  if (lane.state === 'backing off') {
    return `a handler failed on message ${messageId} and is called again soon (attempt ${attempt})`;
  }
  const slow = forMs >= TIMING.slowHandler ? ', and does not count against `concurrency` any more' : '';
  return `message ${messageId} is in the hands of a handler (attempt ${attempt})${slow}`;
}

/** In words, rounded up: "in 0 s" would not be true. */
function seconds(ms: number): string {
  return `${Math.max(Math.ceil(ms / 1000), 1)} s`;
}
