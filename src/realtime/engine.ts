import type { Clock } from '../clock/index.js';
import { type AgentChatClientError, ConnectionError, type HandlerError } from '../errors/index.js';
import { Claims, cursorsOf, type DedupeStore } from '../stores/index.js';
import { Acknowledger } from './acking/acknowledger.js';
import type { FrameWriter } from './acking/frame-acks.js';
import { TIMING } from './bounds.js';
import { type CatchUp, RestCatchUp, WithoutRest } from './catchup/catchup.js';
import type { SocketOwner } from './catchup/deafness.js';
import { Agenda } from './catchup/parking.js';
import type { Session } from './connection/session.js';
import { type Counters, newCounters } from './explain/counters.js';
import { Identity, type IdentityListener } from './identity.js';
import { Inbox, type InboxNeighbours } from './inbox.js';
import type { Claiming } from './lanes/claimed-call.js';
import { Consumers, type ConsumersListener } from './lanes/consumers.js';
import { Lanes } from './lanes/lanes.js';
import { SharedInflow } from './lanes/shared-inflow.js';
import type { MessageAtWork } from './lanes/slots.js';
import { type Inflow, TimeSlice } from './lanes/time-slice.js';
import type { Observers } from './listeners.js';
import type { RealtimeOptions } from './options.js';
import { GapWindow } from './order/gap-window.js';
import type { Neighbours } from './order/neighbours.js';
import { Sequencer } from './order/sequencer.js';
import { Ownership } from './replicas/ownership.js';
import type { Tenancy } from './replicas/tenancy.js';
import { ServiceClock } from './service-clock.js';
import type { RealtimeSettings } from './settings.js';
import { Deadline, type Life, Lives, timeLimit } from './util/life.js';

/**
 * From frame to handler: makes the parts and introduces them to each other. Knows sessions, but no sockets.
 *
 * A part gets what exists before it. The order and the inbox need parts that need them, so they get the engine itself,
 * which has them all as fields, and read those when something arrives.
 */
export class Engine implements Neighbours, InboxNeighbours, ConsumersListener, IdentityListener {
  readonly clock: Clock;
  readonly counters: Counters = newCounters();
  /** Each between `connect()` and `disconnect()`. */
  readonly lives = new Lives();
  /** CATCH-4. */
  readonly serviceClock: ServiceClock;
  readonly agenda: Agenda;
  readonly order: Sequencer;
  readonly identity: Identity;
  readonly consumers: Consumers;
  readonly lanes: Lanes;
  readonly inbox: Inbox;
  readonly catchUp: CatchUp;
  readonly acknowledger: Acknowledger;
  /** Null without replicas. */
  readonly ownership: Ownership | null;
  private readonly storeLives = new Lives();
  private deadline: Deadline | null = null;

  constructor(
    settings: RealtimeSettings,
    private readonly options: RealtimeOptions,
    readonly observers: Observers,
    socket: FrameWriter & SocketOwner & Inflow,
  ) {
    const { clock, bounds, handlerRetry, onHandlerFailure, gapGiveUpMs, dedupCacheSize } = settings;
    const { client: source, store, replicas, onDeadLetter, handle, deliverOwn = false } = options;
    const gapWindow = new GapWindow(settings.gapFillWindow);
    this.clock = clock;
    this.serviceClock = new ServiceClock(clock, this);
    this.agenda = new Agenda(clock);
    const inflow = new SharedInflow(socket);
    this.order = new Sequencer(
      { clock, bounds, gapWindow, gapGiveUpMs, dedupCacheSize, inflow: inflow.share() },
      this.counters,
      this,
    );
    this.ownership = replicas === undefined ? null : new Ownership(replicas, this);
    this.identity = new Identity(clock, handle, deliverOwn, this);
    const slice = new TimeSlice(clock, () => this.lanes.pumpReady(), inflow.share());
    this.consumers = new Consumers(clock, this.lives, this.claimingOf(options.dedupe, slice), this, slice);
    this.lanes = new Lanes(
      { clock, bounds, handlerRetry, onHandlerFailure, onDeadLetter, slowHandlerMs: TIMING.slowHandler },
      this.consumers,
      this.order,
      this,
      slice,
      this.ownership,
    );
    this.inbox = new Inbox(options, this);
    const cursors = replicas?.cursors ?? (store === undefined ? undefined : cursorsOf(store));
    this.catchUp =
      source === undefined
        ? new WithoutRest(this.agenda, this.order)
        : new RestCatchUp(source, settings, socket, cursors !== undefined, this);
    this.acknowledger = new Acknowledger(socket, cursors, bounds, this.storeLives, this);
  }

  private claimingOf(dedupe: DedupeStore | undefined, slice: TimeSlice): Claiming | undefined {
    if (dedupe === undefined) return undefined;
    const { clock, counters, observers } = this;
    return {
      clock,
      claims: new Claims(dedupe, clock),
      slice,
      onDuplicate: () => {
        counters.duplicates += 1;
      },
      onError: (error) => observers.onError(error),
    };
  }

  /** `connect()` was called: a stopped engine goes on where it stood. */
  start(): void {
    this.lives.renew();
    this.storeLives.renew();
    this.lanes.restart();
    this.consumers.start();
    this.acknowledger.resume();
    this.agenda.resume();
    this.order.runner.resume();
    this.identity.start(this.options.client, this.catchUp.gate, this.lives.current);
    this.openLanes();
  }

  /** STOP-1: nothing new starts; resolves when running handlers are done and what they owe is sent, or at the deadline. */
  async stop(deadlineMs: number): Promise<void> {
    this.lanes.stop();
    this.consumers.beginStop();
    this.catchUp.beginStop();
    const deadline = new Deadline(this.clock, deadlineMs);
    this.deadline = deadline;
    await deadline.orSooner(this.lanes.slots.whenIdle());
    const left = this.lanes.abandon();
    await deadline.orSooner(this.acknowledger.flush());
    if (this.ownership !== null) await deadline.orSooner(this.ownership.stop());
    deadline.clear();
    this.suspend();
    if (!this.lanes.slots.hasLeft) this.endLinger();
    if (left.length > 0) this.onError(leftBehind(left));
  }

  /**
   * STOP-3: resolves when the handlers that were left behind have ended, and what they owe is saved and sent; after a minute
   * at most, or when `cut` ends. Nothing of it keeps the process alive but a moment for the saving.
   */
  async linger(cut: Life): Promise<void> {
    const { slots } = this.lanes;
    this.catchUp.sessionEnded();
    this.acknowledger.linger();
    await new Promise<void>((resolve) => {
      const callOff = timeLimit(this.clock, TIMING.linger, cut, () => resolve(), 'background');
      void slots.whenLeftAreDone().then(() => {
        callOff();
        resolve();
      });
    });
    const deadline = new Deadline(this.clock, cut.ended ? 0 : TIMING.lastSave);
    const off = cut.onEnd(() => deadline.shorten(0));
    await deadline.orSooner(this.acknowledger.flushFrames());
    off();
    deadline.clear();
  }

  /** Nobody waits any more for what was left behind: it belongs to the next life. */
  endLinger(): void {
    this.lanes.slots.forgetLeft();
    this.storeLives.end();
  }

  hurry(deadlineMs: number): void {
    this.deadline?.shorten(deadlineMs);
  }

  /** Nothing goes on in the background. Lanes that have work go on with it, unless they were stopped. */
  suspend(): void {
    this.identity.stopWaiting();
    this.agenda.pause();
    this.order.runner.pause();
    this.lives.end();
    void this.ownership?.stop();
  }

  sessionStarted(session: Session): void {
    this.inbox.sessionStarted();
    if (session.id > 1) this.counters.reconnects += 1;
    this.acknowledger.frameAcks.sessionStarted(session);
    this.catchUp.sessionStarted(session);
    // The answer comes together with the first rows.
    if (this.catchUp.drains.draining) this.identity.need();
    void this.acknowledger.loadUnfinished();
    this.ownership?.sessionStarted(session);
  }

  sessionEnded(): void {
    this.acknowledger.frameAcks.sessionEnded();
    this.catchUp.sessionEnded();
    this.ownership?.sessionEnded();
  }

  get tenancy(): Tenancy | null {
    return this.ownership;
  }

  askingChanged(): void {
    this.openLanes();
  }

  identitySettled(): void {
    this.openLanes();
  }

  onHandlerError(error: HandlerError): void {
    this.counters.handlerFailures += error.code === 'HANDLER_FAILED' ? 1 : 0;
    this.onError(error);
  }

  onError(error: AgentChatClientError): void {
    this.observers.onError(error);
  }

  /** HND-1: while nobody takes them messages are held back, unacknowledged; and so they are until we know who we are. */
  private openLanes(): void {
    this.lanes.setOpen(this.consumers.asking && this.identity.isSettled);
  }
}

/** So many are named one by one. */
const NAMED_AT_MOST = 20;

function leftBehind(messages: readonly MessageAtWork[]): ConnectionError {
  const named = messages.slice(0, NAMED_AT_MOST).map((at) => `${at.messageId} of ${at.conversationId}`);
  const others = messages.length - named.length;
  const list = `${named.join(', ')}${others === 0 ? '' : ` and ${others} more`}`;
  return new ConnectionError({
    code: 'HANDLERS_LEFT',
    message:
      `disconnect() did not wait any longer for handlers, or for a loop over messages(), that work on: ${list}. Messages that ` +
      'they finish within a minute, while this process lives, are still acknowledged if the session takes acks. The others ' +
      'come again. Pass `context.signal` to what the handler waits for, or raise `deadlineMs`.',
    outcome: 'unknown',
    retryable: false,
    details: { messages: messages.map((at) => ({ ...at })) },
  });
}
