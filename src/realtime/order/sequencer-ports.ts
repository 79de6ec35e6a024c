import type { Clock } from '../../clock/index.js';
import type { Message } from '../../wire/index.js';
import type { Bounds } from '../bounds.js';
import type { MessageEvent, SequenceGapInfo } from '../events.js';
import type { Arrival } from './arrival.js';
import type { Busy } from './conversation.js';
import type { GapWindow } from './gap-window.js';
import type { AnchorStep } from './sequence.js';

/** What the sequencer asks of the rooms around it. None of these calls may throw. */
export interface SequencerPorts {
  /** Fetch one page of history above `after`, then tell `page` or `fetch-failed`. */
  fetchPage(conversationId: string, after: number): void;
  /** Fetch one page of history above `after` because of shed messages, then tell `refetched` or `refetch-failed`. */
  refetch(conversationId: string, after: number): void;
  /** Ask history whether a far-off seq exists, then tell `confirmed`. */
  confirm(conversationId: string, seq: number): void;
  /** ORD-3: find what is older and undelivered (`look`), or what the last process had reached (`store`). */
  anchor(conversationId: string, step: AnchorStep, before: number): void;
  /** A message was handled now, or had been handled before: acknowledge it. */
  acknowledge(conversationId: string, message: Message): void;
  /** What a conversation owes has changed by itself: a store is to know. */
  remember(busy: Busy): void;
  /** There was no room for a conversation of which this seq is known to exist (GAP-4). */
  turnedAway(conversationId: string, known: number): void;
  /** A message is to come again later (HND-1). */
  schedulePark(conversationId: string, seq: number, times: number, event: MessageEvent): void;
  /** Whether the service brings a message again while it is not acknowledged. */
  comesAgain(arrival: Arrival): boolean;
  /** A message beside the order found no room in its lane and will not come again: no gap will ever betray it. */
  shedForGood(message: Message): void;
  isOwn(message: Message): boolean;
  report(gap: SequenceGapInfo): void;
  isDraining(): boolean;
  readonly canFetch: boolean;
  readonly hasStore: boolean;
}

export interface SequencerOptions {
  readonly clock: Clock;
  readonly bounds: Bounds;
  readonly gapWindow: GapWindow;
  readonly gapGiveUpMs: number;
  readonly dedupCacheSize: number;
}
