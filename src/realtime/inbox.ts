import type { Clock } from '../clock/index.js';
import type { WireMismatch } from '../http/index.js';
import {
  eventProblem,
  framePayload,
  isMessageLike,
  type Message,
  messageProblem,
  readDate,
  readSeq,
  type ServerFrame,
  withSender,
} from '../wire/index.js';
import type { EventHandler, MessageEvent, MessageSource } from './events.js';
import type { Counters } from './explain/counters.js';
import { FrameCheck, Unusable } from './frame-check.js';
import type { Identity } from './identity.js';
import { HandlerContext } from './lanes/call.js';
import type { Consumers } from './lanes/consumers.js';
import { Handlers } from './lanes/handlers.js';
import { listenerFailed, type Observers } from './listeners.js';
import type { RealtimeOptions } from './options.js';
import { NO_SEQ } from './order/arrival.js';
import type { Sequencer } from './order/sequencer.js';
import type { Lives } from './util/life.js';

/** What the inbox tells those who catch up, and asks them. */
export interface CatchUpForInbox {
  readonly draining: boolean;
  /** LIVE-2: the socket brought a message. */
  brought(message: Message): void;
  /** Whether an event is to be given to its handlers: a group invitation may have been already. */
  isNews(frame: ServerFrame): boolean;
  /** Whether anybody handles events of this type. */
  setListening(type: string, listening: boolean): void;
}

/** The parts around the inbox, read when a frame comes: some of them need the inbox to be made. */
export interface InboxNeighbours {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly lives: Lives;
  readonly observers: Observers;
  readonly identity: Identity;
  readonly consumers: Consumers;
  readonly order: Sequencer;
  readonly catchUp: CatchUpForInbox;
}

/**
 * Where everything comes in that was not asked for: the frames of the socket, and what the service stored for our own
 * sends. Messages go to the order, every other event to its handlers.
 */
export class Inbox {
  private readonly handlers: Handlers;
  private readonly check: FrameCheck | null;
  private readonly unusable: Unusable;
  private readonly deliverOwn: boolean;
  private sessionWallTime = 0;

  constructor(
    { validate, onWireMismatch, deliverOwn = false }: RealtimeOptions,
    private readonly neighbours: InboxNeighbours,
  ) {
    const { observers, clock, counters } = neighbours;
    this.deliverOwn = deliverOwn;
    this.unusable = new Unusable(clock, counters, observers);
    this.handlers = new Handlers(
      (handlers) => neighbours.consumers.setHandlers(handlers),
      (type, error) => observers.onError(listenerFailed(`handler of ${type}`, error)),
      (type, listening) => neighbours.catchUp.setListening(type, listening),
    );
    const guarded =
      onWireMismatch &&
      ((mismatch: WireMismatch) => observers.guard('onWireMismatch', () => onWireMismatch(mismatch)));
    this.check = FrameCheck.from({ validate, onWireMismatch: guarded }, observers);
  }

  /** Registers a handler of an event and returns its `off`. @throws ValidationError beside an iterator of messages. */
  on(type: string, handler: EventHandler): () => void {
    if (type === 'message.new') this.neighbours.consumers.checkHandlerAllowed();
    return this.handlers.add(type, handler);
  }

  sessionStarted(): void {
    this.sessionWallTime = this.neighbours.clock.wallNow();
  }

  helloOk(frame: ServerFrame): void {
    this.check?.compare(frame);
  }

  /** The hot path. */
  frame(frame: ServerFrame): void {
    this.check?.compare(frame);
    if (frame.type === 'message.new') this.message(frame);
    else this.otherEvent(frame);
  }

  /** Gives an event to its handlers, wherever it comes from. */
  emit(frame: ServerFrame, source: MessageSource): void {
    this.handlers.emit(frame, new HandlerContext(source, 1, false, false, this.neighbours.lives.current));
  }

  /** GAP-5: what the service stored for a send of ours. */
  sent(message: Message): void {
    if (!isMessageLike(message)) return;
    const { clock, identity, order } = this.neighbours;
    identity.learnFromSend(message);
    const seq = readSeq(message.seq);
    if (seq === undefined) return;
    if (!this.deliverOwn) order.consumed(message.conversation_id, seq);
    else {
      // ORD-1: perhaps a handler is sending, and its source tells of it at once: it must have returned before the next.
      const event = { type: 'message.new' as const, payload: message };
      clock.defer(() => order.accept(event, message, 'live'));
    }
  }

  private message(frame: ServerFrame): void {
    const { counters, consumers, order, catchUp } = this.neighbours;
    const raw = framePayload(frame);
    counters.received += 1;
    if (!isMessageLike(raw)) {
      this.unusable.message(raw, messageProblem(raw) ?? 'unknown');
      return;
    }
    const payload = withSender(raw);
    catchUp.brought(payload);
    const event =
      frame.payload === payload
        ? (frame as unknown as MessageEvent)
        : { type: 'message.new' as const, payload };
    if (!consumers.present) consumers.noticeAbsence();
    const source = this.sourceOf(payload);
    if (readSeq(payload.seq) !== undefined) order.accept(event, payload, source);
    // Some system messages have no seq. One that is no seq (-1, 1.5, "7") is treated the same: delivered, by id.
    else order.arriveUnordered(order.arrivalOf(event, payload, NO_SEQ, source));
  }

  private otherEvent(frame: ServerFrame): void {
    const problem = eventProblem(frame);
    if (problem !== null) this.unusable.event(frame.type, problem);
    else if (this.neighbours.catchUp.isNews(frame)) this.emit(frame, 'live');
  }

  /** Only a pushed message can be backlog: it has a delivery cursor, or is older than the session. */
  private sourceOf(message: Message): MessageSource {
    if (typeof message.delivery_id === 'string') return 'backlog';
    if (!this.neighbours.catchUp.draining) return 'live';
    return readDate(message.created_at) < this.sessionWallTime ? 'backlog' : 'live';
  }
}
