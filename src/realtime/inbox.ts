import type { Clock } from '../clock/index.js';
import { ConnectionError } from '../errors/index.js';
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
import { meantEvent } from './event-names.js';
import {
  type EventContext,
  type EventHandler,
  type MessageEvent,
  type MessageSource,
  messageEvent,
  type OtherEvent,
} from './events.js';
import type { Counters } from './explain/counters.js';
import { type FrameCheck, frameCheckOf, Unusable } from './frame-check.js';
import type { Identity } from './identity.js';
import { HandlerContext } from './lanes/call.js';
import type { Consumers } from './lanes/consumers.js';
import type { Observers } from './listeners.js';
import type { RealtimeOptions } from './options.js';
import { NO_SEQ } from './order/arrival.js';
import type { Sequencer } from './order/sequencer.js';
import type { Ownership } from './replicas/ownership.js';
import type { ServiceClock } from './service-clock.js';
import { LazyMap } from './util/collections.js';
import type { Lives } from './util/life.js';

export interface CatchUpForInbox {
  readonly drains: { readonly draining: boolean };
  /** Whether an event is to be given to its handlers: a group invitation may have been already. */
  isNews(frame: ServerFrame): boolean;
  /** Whether anybody handles events of this type: told when it gets its first handler, or loses its last. */
  setListening(type: string, listening: boolean): void;
}

/** The parts around the inbox, read when a frame comes: some of them need the inbox to be made. */
export interface InboxNeighbours {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly lives: Lives;
  readonly observers: Observers;
  readonly serviceClock: Pick<ServiceClock, 'earliest'>;
  readonly identity: Identity;
  readonly consumers: Consumers;
  readonly order: Sequencer;
  readonly catchUp: CatchUpForInbox;
  /** Null without replicas. */
  readonly ownership: Pick<Ownership, 'owns' | 'takes' | 'sent'> | null;
}

/** A function that is registered for an event. Registered anew after its `off`, it is another one. */
interface Registration {
  readonly handler: EventHandler;
}

/** The handlers of all event types, as `on(type, handler)` registered them. */
export class Handlers {
  private readonly byType = new Map<string, readonly Registration[]>();
  /** Names that look like those of events, and have not come. */
  private readonly suspects = new LazyMap<string, string>();

  constructor(private readonly neighbours: Pick<InboxNeighbours, 'consumers' | 'observers' | 'catchUp'>) {}

  /** Returns its `off`, which may be called any number of times. A function that is there already stays there once. */
  add(type: string, handler: EventHandler): () => void {
    const known = this.of(type).find((other) => other.handler === handler);
    const registration: Registration = known ?? { handler };
    if (known === undefined) this.set(type, [...this.of(type), registration]);
    this.suspect(type);
    return () => {
      const rest = this.of(type).filter((other) => other !== registration);
      if (rest.length < this.of(type).length) this.set(type, rest);
    };
  }

  /** Events other than messages: no order, no retry, nobody waits. Unknown types pass through. */
  emit(frame: ServerFrame, context: EventContext): void {
    const registrations = this.byType.get(frame.type);
    if (registrations === undefined) return;
    this.suspects.delete(frame.type);
    const payload = (framePayload(frame) ?? {}) as Record<string, unknown>;
    const event: OtherEvent = { ...frame, type: frame.type, payload };
    for (const { handler } of registrations) {
      this.neighbours.observers.guard(`handler of ${frame.type}`, () => handler(event, context));
    }
  }

  /** Handlers that wait for an event which there is not, and the one that was probably meant. */
  get misnamed(): { readonly type: string; readonly meant: string }[] {
    return [...this.suspects].flatMap(([type, meant]) => (this.byType.has(type) ? [{ type, meant }] : []));
  }

  private suspect(type: string): void {
    const meant = meantEvent(type);
    if (meant === undefined || this.suspects.has(type)) return;
    this.suspects.set(type, meant);
    // Whoever listens to errors may be about to say so.
    queueMicrotask(() => {
      if (this.byType.has(type)) this.neighbours.observers.onError(unknownEvent(type, meant));
    });
  }

  private of(type: string): readonly Registration[] {
    return this.byType.get(type) ?? [];
  }

  private set(type: string, registrations: readonly Registration[]): void {
    const listened = this.byType.has(type);
    const listening = registrations.length > 0;
    if (listening) this.byType.set(type, registrations);
    else this.byType.delete(type);
    if (listening !== listened) this.neighbours.catchUp.setListening(type, listening);
    if (type !== 'message.new') return;
    this.neighbours.consumers.setHandlers(registrations.map(({ handler }) => handler));
  }
}

function unknownEvent(type: string, meant: string): ConnectionError {
  return new ConnectionError({
    code: 'UNKNOWN_EVENT',
    message: `A handler is registered for "${type}", an event that this version does not know: did you mean "${meant}"?`,
    outcome: 'rejected',
    retryable: false,
  });
}

/**
 * Where everything comes in that was not asked for: the frames of the socket, and what the service stored for our own
 * sends. Messages go to the order, every other event to its handlers.
 */
export class Inbox {
  readonly handlers: Handlers;
  private readonly check: FrameCheck | null;
  private readonly unusable: Unusable;
  /** LIVE-2: told of each message that the socket brings, while there is a reason. */
  watcher: { brought(message: Message): void } | null = null;
  /** `created_at` of what the socket brought last in this session. */
  lastBrought: unknown = null;
  /** On the monotonic clock. */
  private sessionStartedAt = 0;

  constructor(
    private readonly options: RealtimeOptions,
    private readonly neighbours: InboxNeighbours,
  ) {
    const { observers, clock, counters } = neighbours;
    const { validate, onWireMismatch } = options;
    this.unusable = new Unusable(clock, counters, observers);
    this.handlers = new Handlers(neighbours);
    const guarded =
      onWireMismatch &&
      ((mismatch: WireMismatch) => observers.guard('onWireMismatch', () => onWireMismatch(mismatch)));
    this.check = frameCheckOf({ validate, onWireMismatch: guarded }, observers);
  }

  /** Registers a handler of an event and returns its `off`. @throws ValidationError beside an iterator of messages. */
  on(type: string, handler: EventHandler): () => void {
    if (type === 'message.new') this.neighbours.consumers.checkHandlerAllowed();
    return this.handlers.add(type, handler);
  }

  sessionStarted(): void {
    this.sessionStartedAt = this.neighbours.clock.now();
    this.lastBrought = null;
  }

  helloOk(frame: ServerFrame): void {
    this.check?.compare(frame);
  }

  /** The hot path. */
  frame(frame: ServerFrame): void {
    this.check?.compare(frame);
    if (frame.type === 'message.new') {
      this.message(frame);
      return;
    }
    const problem = eventProblem(frame);
    if (problem !== null) this.unusable.event(frame.type, problem);
    else if (this.neighbours.catchUp.isNews(frame)) this.emit(frame, 'live');
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
    const { ownership } = this.neighbours;
    if (ownership !== null && !ownership.owns(message.conversation_id)) {
      ownership.sent(message.conversation_id, seq);
      return;
    }
    if (!this.options.deliverOwn) {
      order.consumed(message.conversation_id, seq);
      return;
    }
    // ORD-1: perhaps a handler is sending, and its source tells of it at once: it must have returned before the next.
    clock.defer(() => order.accept(messageEvent(message), message, 'live'));
  }

  private message(frame: ServerFrame): void {
    const { counters, consumers, order, ownership } = this.neighbours;
    const raw = framePayload(frame);
    counters.received += 1;
    if (!isMessageLike(raw)) {
      this.unusable.message(raw, messageProblem(raw) ?? 'unknown');
      return;
    }
    const payload = withSender(raw);
    this.lastBrought = payload.created_at;
    this.watcher?.brought(payload);
    if (ownership !== null && !ownership.takes(payload)) return;
    const event = frame.payload === payload ? (frame as unknown as MessageEvent) : messageEvent(payload);
    if (!consumers.present) consumers.noticeAbsence();
    const source = this.sourceOf(payload);
    if (readSeq(payload.seq) !== undefined) order.accept(event, payload, source);
    // Some system messages have no seq. One that is no seq (-1, 1.5, "7") is treated the same: delivered, by id.
    else order.arriveUnordered(order.arrivalOf(event, payload, NO_SEQ, source));
  }

  /** Only a pushed message can be backlog: it has a delivery cursor, or is older than the session. */
  private sourceOf(message: Message): MessageSource {
    if (typeof message.delivery_id === 'string') return 'backlog';
    const { catchUp, serviceClock } = this.neighbours;
    if (!catchUp.drains.draining) return 'live';
    // CATCH-4: what bears the service's time is compared with the service's time.
    return readDate(message.created_at) < serviceClock.earliest(this.sessionStartedAt) ? 'backlog' : 'live';
  }
}
