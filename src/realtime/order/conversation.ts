import type { TimerHandle } from '../../clock/index.js';
import type { Lane } from '../lanes/lane.js';
import type { Debts } from './debts.js';
import type { Sequence, SequenceEvent } from './sequence.js';

/** Stands for "no position yet" in `expected`. */
export const UNANCHORED = -1;

/**
 * One conversation. While nothing is going on it is this small record and nothing else (`busy` is null), changed in
 * place: a bot in 100,000 conversations keeps about 150 bytes for each.
 */
export class Conversation {
  /** The next seq that may be delivered. Outlives quiet periods and reconnects (ORD-2). */
  expected = UNANCHORED;
  /** The first seq of which this life knows anything: below it, an unknown message is delivered late (ORD-3). */
  floor = 0;
  /** Everything else, only while something is under way. */
  busy: Busy | null = null;
  /** Touched since the eviction hand last came by. */
  used = true;
}

/** What exists only while a conversation is busy: handlers running, messages held, seqs owed. */
export class Busy {
  /** End of the contiguous prefix whose handlers finished: the handled cursor. */
  handled: number;
  sequence: Sequence | null = null;
  lane: Lane | null = null;
  debts: Debts | null = null;
  /** The one timer of its sequence. */
  timer: TimerHandle = null;
  /** Events that came while the effects of the last one were being carried out; null when none are. */
  backlog: SequenceEvent[] | null = null;

  constructor(
    readonly id: string,
    readonly conversation: Conversation,
  ) {
    this.handled = conversation.expected - 1;
  }
}

/**
 * The handled cursor. An idle conversation has handled all that it delivered; while a lane works, or while effects are
 * being carried out (some deliveries may not have reached the lane yet), only `handled` is certain.
 */
export function handledCursor({ busy, expected }: Conversation): number {
  return busy === null || (busy.lane === null && busy.backlog === null) ? expected - 1 : busy.handled;
}
