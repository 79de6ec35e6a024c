import type { AgentChatClientError } from '../../errors/index.js';
import type { Message } from '../../wire/index.js';
import type { MessageEvent, SequenceGapInfo } from '../events.js';
import type { Lanes } from '../lanes/lanes.js';
import type { Arrival } from './arrival.js';
import type { Busy } from './conversation.js';
import type { FetchPurpose } from './step.js';

/** What the order asks of REST. Each answer comes back as an event of the conversation (`Sequencer.tell`). */
export interface CatchUpForOrder {
  /** False without a REST source: then what is missing can only be named. */
  readonly canFetch: boolean;
  readonly drains: { readonly draining: boolean };
  /** Reads one page of history above `after`; answers `page`, `fetch-failed` or `fetch-dropped`. */
  fetch(conversationId: string, after: number, purpose: FetchPurpose): void;
  /** GAP-2: asks history whether a far-off seq exists; answers `confirmed`. */
  confirm(conversationId: string, seq: number): void;
  /** ORD-3: looks for what is older and undelivered; answers `looked`. */
  look(conversationId: string, before: number): void;
  /** GAP-4: there was no room for a conversation of which this seq is known to exist. */
  turnedAway(conversationId: string, known: number): void;
  /** HND-1: the message is to come again (`Sequencer.redeliver`), later each time, and not before `patienceMs` (default 0). */
  park(conversationId: string, seq: number, times: number, event: MessageEvent, patienceMs?: number): void;
  /** HND-1: the same with a message beside the order, which is kept because history cannot bring it (`Sequencer.redeliverStray`). */
  parkStray(arrival: Arrival, times: number, patienceMs?: number): void;
}

/** What the order tells of handled messages, and what it asks the store. */
export interface AcksForOrder {
  /** There is a store that may know where the last process stopped. */
  readonly hasStore: boolean;
  /** Whether the service brings a message again while it is not acknowledged. */
  readonly wanted: boolean;
  /** A message was handled now, or had been handled before: acknowledge it. `isEcho`: it is our own, of which nobody wanted to hear. */
  acknowledge(conversationId: string, messageId: string, isEcho: boolean): void;
  /** What a conversation owes has changed by itself: a store is to know. */
  remember(busy: Busy): void;
  /** ORD-3: asks the store where the last process stopped; answers `loaded`. */
  load(conversationId: string): void;
}

/**
 * The parts around the order. They need the order as it needs them, so it is made first, and reads its neighbours when a
 * message comes. None of their methods may throw.
 */
export interface Neighbours {
  readonly lanes: Lanes;
  readonly catchUp: CatchUpForOrder;
  readonly acknowledger: AcksForOrder;
  /** `isEcho`: our own message, of which nobody wants to hear. `need`: who we are has to be known from now on (GAP-5). */
  readonly identity: { isEcho(message: Message): boolean; need(): void };
  readonly observers: { onGap(gap: SequenceGapInfo): void; onError(error: AgentChatClientError): void };
}
