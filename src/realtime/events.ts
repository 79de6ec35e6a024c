import type { Extensible, Message, ServerEventMap } from '../wire/index.js';

/**
 * Where a message came from: `live` (pushed as it was sent), `backlog` (pushed after a connect), `drain` (read from
 * the undelivered queue after a connect), `fill` (read from history to close a gap). A group invitation that was read from
 * the list of pending ones is a `drain` too.
 */
export type MessageSource = 'live' | 'backlog' | 'drain' | 'fill';

/** A message as its handlers get it: the wire frame. */
export interface MessageEvent {
  readonly type: 'message.new';
  readonly payload: Extensible<Message>;
  /** The service numbers no events today. */
  readonly id?: string;
}

/** The event of a message that came in another way than as its frame. */
export function messageEvent(message: Message): MessageEvent {
  return { type: 'message.new', payload: message as Extensible<Message> };
}

/** Any other event of the service. Types that this version does not know pass through, with a payload that is not known. */
export interface OtherEvent<T extends string = string> {
  readonly type: T;
  readonly payload: T extends keyof ServerEventMap ? Extensible<ServerEventMap[T]> : Record<string, unknown>;
  readonly id?: string;
}

/** The event that `on(type, handler)` gives, by its type. */
export type RealtimeEvent<T extends string> = T extends 'message.new' ? MessageEvent : OtherEvent<T>;

/** What a handler is told beside the event. */
export interface EventContext {
  readonly source: MessageSource;
  /**
   * True when your code has been given this very message before: its handler failed, it was parked and fetched again, or
   * a loop over `messages()` left it unacknowledged.
   */
  readonly redelivered: boolean;
  /** 1 for the first call, 2 for the first retry (HND-1), and so on. */
  readonly attempt: number;
  /** True when later messages of the conversation were handled before this one (GAP-3, ORD-3). */
  readonly late: boolean;
  /** Aborted when the client stops before the handler has finished: pass it to what the handler waits for. */
  readonly signal: AbortSignal;
}

/**
 * A message as a loop over `messages()` gets it: the wire frame, what is known beside it, and the means to acknowledge it.
 * All of it may be taken apart (`for await (const { payload, ack } of ...)`).
 */
export interface ReceivedMessage extends MessageEvent {
  readonly context: EventContext;
  /**
   * The message is handled: it is acknowledged now, and the next message of its conversation may be given out. Asking the
   * loop for the next message does the same. May be called any number of times, at any time: also after the loop was left
   * or the client has stopped, it counts unless somebody else has the message by then.
   */
  ack(): void;
}

/** A handler may be async: a message counts as handled, and is acknowledged, when its promise fulfils. */
export type EventHandler<T extends string = string> = (
  event: RealtimeEvent<T>,
  context: EventContext,
) => unknown;

/** Why a gap report was made. */
export type GapReason = 'gap_filled' | 'gap_fill_failed' | 'gap_fill_unavailable' | 'buffer_overflow';

/** Seqs, both ends included. */
export interface SeqRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What became of a gap that did not close by itself. `recovered` is true only when every missing message was
 * delivered or is legitimately absent from your history (GAP-3); otherwise `missing` names what you have not seen.
 */
export interface SequenceGapInfo {
  conversationId: string;
  /** The seq that was next when the gap opened. */
  expectedSeq: number;
  /** The lowest seq that waited behind the gap; `null` when only REST knew of later messages. */
  bufferedSeq: number | null;
  /** How long the conversation waited, in milliseconds. */
  gapMs: number;
  recovered: boolean;
  reason: GapReason;
  /** Ranges that were given up. They are remembered, and delivered late if they ever come. */
  missing: SeqRange[];
}
