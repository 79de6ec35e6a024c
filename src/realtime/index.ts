export { type Bounds, DEFAULT_BOUNDS } from './bounds.js';
export type { HearingInsight } from './catchup/deafness.js';
export type { StandingInsight } from './catchup/standing.js';
export { RealtimeClient } from './client.js';
export type { AttemptInsight, ConnectionInsight } from './connection/insight.js';
export type { ConnectionState, DisconnectInfo, Session } from './connection/session.js';
export type { WebSocketConstructor, WebSocketEventLike, WebSocketLike } from './connection/socket.js';
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
export type { Counters } from './explain/counters.js';
export type { Explanation, HeldBack, Totals } from './explain/explain.js';
export type { Holdup, HoldupKind, Holdups } from './explain/holdups.js';
export type { CatchUpInsight, ErrorInsight } from './explain/journal.js';
export type {
  ConnectHandler,
  DisconnectHandler,
  ErrorHandler,
  MessageHandler,
  SequenceGapHandler,
} from './handlers.js';
export type { BatchContext, BatchDeadLetterHandler, BatchHandler, BatchOptions } from './lanes/batch.js';
export type { DeadLetterHandler, HandlerFailurePolicy, HandlerRetry } from './lanes/lane.js';
export type { MessageIterator, MessagesOptions, NextMessage } from './lanes/stream.js';
export type { RealtimeOptions } from './options.js';
export type { GapFillWindow } from './order/gap-window.js';
export type { ReplicaEvent } from './replicas/tenancy.js';
export type { RealtimeSource, SourceCallOptions, SourceHistoryOptions } from './source.js';
