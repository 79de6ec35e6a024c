export { type Bounds, DEFAULT_BOUNDS } from './bounds.js';
export { RealtimeClient } from './client.js';
export type { AttemptInsight, ConnectionInsight } from './connection/insight.js';
export type { ConnectionState, DisconnectInfo, Session } from './connection/session.js';
export type { WebSocketConstructor, WebSocketEventLike, WebSocketLike } from './connection/socket.js';
export type { Counters } from './counters.js';
export type { DeadLetterHandler, HandlerFailurePolicy, HandlerRetry } from './delivery/delivery-ports.js';
export type { MessageIterator, MessagesOptions, NextMessage } from './delivery/message-iterator.js';
export type {
  EventContext,
  EventHandler,
  GapReason,
  MessageEvent,
  MessageSource,
  OtherEvent,
  RealtimeEvent,
  ReceivedMessage,
  SeqRange,
  SequenceGapInfo,
} from './events.js';
export type { Explanation, HeldBack } from './explain.js';
export type { Holdup, HoldupKind, Holdups } from './holdups.js';
export type { RealtimeOptions } from './options.js';
export type { ErrorInsight } from './recent-errors.js';
export type { HearingInsight } from './recovery/deafness.js';
export type { CatchUpInsight } from './recovery/pass-log.js';
export type { GapFillWindow } from './sequencer/gap-window.js';
export type { RealtimeSource, SourceCallOptions, SourceHistoryOptions } from './source.js';
export type { Totals } from './totals.js';
