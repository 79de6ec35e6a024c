import type { Clock } from '../clock/index.js';
import { type AgentChatError, ConnectionError, type HandlerError } from '../errors/index.js';
import { Claims, type DedupeStore } from '../stores/index.js';
import type { Message, ServerFrame } from '../wire/index.js';
import { Acknowledger } from './acking/acknowledger.js';
import { FrameAcks } from './acking/frame-acks.js';
import { Keeper } from './acking/keeper.js';
import { TIMING } from './bounds.js';
import { CatchUp } from './catchup/catchup.js';
import type { HearingInsight } from './catchup/deafness.js';
import { INVITE_EVENT } from './catchup/invites.js';
import { Parking } from './catchup/parking.js';
import type { Session } from './connection/session.js';
import { Deadline } from './deadline.js';
import { Entrance } from './entrance.js';
import type { EventHandler, MessageSource, SequenceGapInfo } from './events.js';
import { type Counters, newCounters } from './explain/counters.js';
import type { HeldBack } from './explain/explain.js';
import { type Holdups, holdupsOf } from './explain/holdups.js';
import type { CatchUpInsight } from './explain/pass-log.js';
import { type Totals, totalsOf } from './explain/totals.js';
import { Identity, IdentityGate } from './identity.js';
import type { Claiming } from './lanes/claimed-call.js';
import { Consumers } from './lanes/consumers.js';
import { Delivery } from './lanes/lanes.js';
import type { RealtimeOptions, RealtimeSettings } from './options.js';
import { GapWindow } from './order/gap-window.js';
import { Sequencer } from './order/sequencer.js';
import { Unusable } from './unusable.js';
import { type Life, Lives } from './util/life.js';

/** What the engine tells the client. None of these calls may throw. */
export interface EngineListener {
  onError(error: AgentChatError): void;
  onGap(gap: SequenceGapInfo): void;
  /** An event that did not come over the socket is to be given to its handlers. */
  emit(frame: ServerFrame, source: MessageSource): void;
  /** A session is to be given up for the next: its socket is deaf. */
  replace(session: Session, why: string): void;
  /** Writes frames on the current session, all or none. */
  write(frames: readonly string[]): boolean;
}

/**
 * From frame to handler: joins the sequencer, the lanes, the acknowledgements and the recovery. Knows sessions, but no
 * sockets.
 */
export class Engine {
  readonly counters: Counters = newCounters();
  readonly unusable: Unusable;
  readonly delivery: Delivery;
  readonly consumers: Consumers;
  readonly sequencer: Sequencer;
  readonly identity: Identity;
  private readonly clock: Clock;
  private readonly gate: IdentityGate;
  private readonly acks: FrameAcks;
  private readonly keeper: Keeper | null;
  private readonly acknowledger: Acknowledger;
  private readonly recovery: CatchUp | null;
  private readonly parking: Parking;
  private readonly entrance: Entrance;
  private readonly lives = new Lives();
  /** The store is written for longer: what was handled before a refusal is still to be saved. */
  private readonly storeLives = new Lives();
  private deadline: Deadline | null = null;

  constructor(
    settings: RealtimeSettings,
    private readonly options: RealtimeOptions,
    private readonly listener: EngineListener,
  ) {
    const { clock, bounds } = settings;
    const { client: source, store } = options;
    this.clock = clock;
    this.unusable = new Unusable(clock, this.counters, (error) => listener.onError(error));
    this.identity = new Identity(clock, options.handle);
    this.gate = new IdentityGate(
      clock,
      this.identity,
      () => this.updateGate(),
      (error) => listener.onError(error),
    );
    this.acks = new FrameAcks(clock, bounds.pendingAcks, this.counters, listener);
    this.keeper =
      store === undefined
        ? null
        : new Keeper(
            clock,
            store,
            { cursors: Math.max(bounds.idleConversations, bounds.pendingAcks), acks: bounds.pendingAcks },
            listener,
            this.storeLives,
          );
    const recovery = (): CatchUp | null => this.recovery;
    const { deliverOwn = false } = options;
    const isOwn = deliverOwn ? () => false : (message: Message) => this.identity.isOwn(message);
    this.delivery = new Delivery(
      {
        clock,
        bounds,
        handlerRetry: settings.handlerRetry,
        onHandlerFailure: settings.onHandlerFailure,
        onDeadLetter: options.onDeadLetter,
        slowHandlerMs: TIMING.slowHandler,
        claiming: this.claimingOf(options.dedupe),
      },
      {
        isOwn: ({ message }) => message !== null && isOwn(message),
        onHandled: (busy, arrival) => this.sequencer.handover.handled(busy, arrival),
        onParked: (busy, arrival) => {
          const remembered = this.sequencer.handover.parked(busy, arrival);
          if (remembered) this.acknowledger.remember(busy);
          return remembered;
        },
        onRoom: (busy) => this.sequencer.room(busy),
        onLaneEmpty: (busy) => this.sequencer.tidy(busy),
        onHandlerError: (error) => this.handlerFailed(error),
      },
    );
    this.consumers = new Consumers({
      clock,
      delivery: this.delivery,
      life: () => this.life,
      onAsking: () => this.updateGate(),
      onError: (error) => listener.onError(error),
    });
    this.sequencer = new Sequencer(
      {
        clock,
        bounds,
        gapWindow: new GapWindow(settings.gapFillWindow),
        gapGiveUpMs: settings.gapGiveUpMs,
        dedupCacheSize: settings.dedupCacheSize,
      },
      this.delivery,
      this.counters,
      {
        fetchPage: (id, after) => recovery()?.history.fetchPage(id, after),
        refetch: (id, after) => recovery()?.history.refetch(id, after),
        confirm: (id, seq) => recovery()?.history.confirm(id, seq),
        anchor: (id, step, before) => {
          if (step === 'store') void this.acknowledger.load(id, this.life);
          else recovery()?.look(id, before);
        },
        acknowledge: (id, message) => this.acknowledger.acknowledge(id, message),
        remember: (busy) => this.acknowledger.remember(busy),
        turnedAway: (id, known) => recovery()?.comparison.turnedAway(id, known),
        schedulePark: (id, seq, times, event) => {
          if (source === undefined) this.parking.keep(id, event, seq, times);
          else recovery()?.history.schedulePark(id, seq, times);
        },
        // A drained row stays in the undelivered queue until its cursor is acknowledged, in both modes.
        comesAgain: ({ source }) => this.acks.wanted || source === 'drain',
        shedForGood: (message) => listener.onError(shedForGood(message)),
        isOwn,
        report: (gap) => listener.onGap(gap),
        isDraining: () => recovery()?.drain.draining ?? false,
        canFetch: source !== undefined,
        hasStore: store !== undefined,
      },
    );
    const { counters, unusable, identity, consumers, sequencer, lives } = this;
    this.parking = new Parking(clock, sequencer);
    this.recovery =
      source === undefined
        ? null
        : new CatchUp({
            source,
            settings,
            hasStore: store !== undefined,
            counters,
            lives,
            sequencer,
            identity,
            listener,
          });
    this.acknowledger = new Acknowledger({
      sequencer,
      frameAcks: this.acks,
      cursorAcks: this.recovery?.acks ?? null,
      keeper: this.keeper,
      parked: this.recovery?.history ?? null,
      mostUnfinished: bounds.missing + bounds.parked,
      isOwn,
    });
    this.entrance = new Entrance({
      clock,
      counters,
      unusable,
      identity,
      consumers,
      sequencer,
      recovery: this.recovery,
      deliverOwn,
    });
  }

  /** The client's life, between `connect()` and `disconnect()`. */
  get life(): Life {
    return this.lives.current;
  }

  get runningHandlers(): number {
    return this.delivery.runningCount;
  }

  /** Why the undelivered queue cannot be read at present. */
  get catchUpTrouble(): string | null {
    return this.recovery?.drain.trouble ?? null;
  }

  get catchUp(): CatchUpInsight {
    return this.recovery?.drain.insight ?? { draining: false, rowsSoFar: null, lastPass: null };
  }

  get holdups(): Holdups {
    return holdupsOf(this.sequencer.conversations, {
      now: this.clock.now(),
      draining: this.recovery?.drain.draining ?? false,
      canFetch: this.recovery !== null,
    });
  }

  /** What is held against the socket. */
  get hearing(): HearingInsight {
    return this.recovery?.deafness.insight ?? { findings: 0, lastReplacedAgoMs: null };
  }

  /** Why messages wait although they arrive. */
  get heldBack(): HeldBack | null {
    if (!this.consumers.present) return 'no handler';
    if (!this.gate.isOpen) return 'identity unknown';
    if (!this.consumers.asking) return 'iterator not asked';
    return this.delivery.flowing ? null : 'all slots taken';
  }

  get totals(): Totals {
    return totalsOf(this.sequencer.conversations, {
      slotsTaken: this.delivery.slotsTaken,
      missing: this.sequencer.debts.missingTotal,
      parked: this.sequencer.debts.parkedTotal,
      pendingAcks: this.acks.pending,
      unsavedAcks: this.keeper?.pending ?? 0,
      undrained: this.recovery?.acks.pending ?? 0,
    });
  }

  // -- life -----------------------------------------------------------------------------------------------------

  /** `connect()` was called: a stopped engine goes on where it stood. */
  start(): void {
    this.lives.renew();
    this.storeLives.renew();
    this.delivery.restart();
    this.consumers.start();
    this.keeper?.resume();
    this.recovery?.acks.resume();
    this.recovery?.history.resume();
    this.parking.resume();
    this.sequencer.resume();
    this.gate.learn(this.options.client, this.recovery?.rest, this.life);
    this.updateGate();
  }

  /** STOP-1: nothing new starts; resolves when running handlers are done and what they owe is sent, or at the deadline. */
  async stop(deadlineMs: number): Promise<void> {
    this.delivery.stop();
    this.consumers.beginStop();
    this.recovery?.beginStop();
    const deadline = new Deadline(this.clock, deadlineMs);
    this.deadline = deadline;
    await deadline.orSooner(this.delivery.whenIdle());
    this.delivery.abandon();
    await deadline.orSooner(this.flush());
    deadline.clear();
    this.storeLives.end();
    this.suspend();
  }

  /** The stop under way is to be over sooner. */
  hurry(deadlineMs: number): void {
    this.deadline?.shorten(deadlineMs);
  }

  /** Nothing goes on in the background. Lanes that have work go on with it, unless they were stopped. */
  suspend(): void {
    this.gate.close();
    this.recovery?.history.pause();
    this.parking.pause();
    this.sequencer.pause();
    this.lives.end();
  }

  private async flush(): Promise<void> {
    await this.keeper?.flush();
    this.acks.flush();
    await this.recovery?.acks.flush();
  }

  // -- sessions ---------------------------------------------------------------------------------------------------

  sessionStarted(session: Session): void {
    this.entrance.sessionStarted();
    if (session.id > 1) this.counters.reconnects += 1;
    this.acks.sessionStarted(session);
    this.recovery?.sessionStarted(session);
    void this.acknowledger.loadUnfinished();
  }

  sessionEnded(): void {
    this.acks.sessionEnded();
    this.recovery?.sessionEnded();
  }

  /** LIVE-1: asks REST whether a silence is real. A socket that keeps something from us is replaced. */
  async probe(session: Session): Promise<void> {
    await this.recovery?.probe(session);
  }

  /** One more pass through the undelivered queue. Resolves with the number of messages that it brought to light. */
  async drain(): Promise<number> {
    return (await this.recovery?.drain.request()) ?? 0;
  }

  // -- messages ---------------------------------------------------------------------------------------------------

  /** A `message.new` frame from the socket. The hot path. */
  message(frame: ServerFrame): void {
    this.entrance.message(frame);
  }

  /** GAP-5: what the service stored for a send of ours. */
  sent(message: Message): void {
    this.entrance.sent(message);
  }

  /** Whether an event from the socket is to be given to its handlers: a group invitation may have been already. */
  isNews(frame: ServerFrame): boolean {
    return frame.type !== INVITE_EVENT || (this.recovery?.invites.isNews(frame) ?? true);
  }

  /** Whether anybody handles events of this type, other than messages. */
  setListening(type: string, listening: boolean): void {
    if (type === INVITE_EVENT) this.recovery?.invites.setListening(listening);
  }

  private claimingOf(dedupe: DedupeStore | undefined): Claiming | undefined {
    if (dedupe === undefined) return undefined;
    const { clock, listener, counters } = this;
    return {
      clock,
      claims: new Claims(dedupe, clock),
      onDuplicate: () => {
        counters.duplicates += 1;
      },
      onError: (error) => listener.onError(error),
    };
  }

  setHandlers(handlers: readonly EventHandler<'message.new'>[]): void {
    this.consumers.setHandlers(handlers);
  }

  // -- gates --------------------------------------------------------------------------------------------------------

  /** HND-1: while nobody takes them messages are held back, unacknowledged; and so they are until we know who we are. */
  private updateGate(): void {
    this.delivery.setOpen(this.consumers.asking && this.gate.isOpen);
  }

  private handlerFailed(error: HandlerError): void {
    this.counters.handlerFailures += error.code === 'HANDLER_FAILED' ? 1 : 0;
    this.listener.onError(error);
  }
}

function shedForGood({ id, conversation_id }: Message): ConnectionError {
  return new ConnectionError({
    code: 'MESSAGE_SHED',
    message:
      `Message ${id} of ${conversation_id} stands beside the order, found no room in its lane, and this service takes ` +
      'no acks: it will not come again. Make the handler faster, or raise `bounds.lane`.',
    outcome: 'rejected',
  });
}
