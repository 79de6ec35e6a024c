import type { TimerHandle } from '../../clock/index.js';
import type { ServerFrame } from '../../wire/index.js';
import { CursorAcks } from '../acking/cursor-acks.js';
import type { Session } from '../connection/session.js';
import type { MessageEvent } from '../events.js';
import type { Counters } from '../explain/counters.js';
import type { CatchUpInsight } from '../explain/journal.js';
import type { Identity } from '../identity.js';
import type { CatchUpForInbox, Inbox } from '../inbox.js';
import type { Lanes } from '../lanes/lanes.js';
import type { ErrorListener } from '../listeners.js';
import type { Arrival } from '../order/arrival.js';
import type { CatchUpForOrder } from '../order/neighbours.js';
import type { Sequencer } from '../order/sequencer.js';
import type { FetchPurpose } from '../order/step.js';
import type { Tenancy } from '../replicas/tenancy.js';
import type { ServiceClock } from '../service-clock.js';
import type { RealtimeSettings } from '../settings.js';
import type { RealtimeSource } from '../source.js';
import { Life, type Lives } from '../util/life.js';
import { Complaints } from './answers.js';
import { Comparison } from './comparison.js';
import { Deafness, type HearingInsight, type SocketOwner } from './deafness.js';
import { Drain } from './drain.js';
import type { UndeliveredQueue } from './gap-look.js';
import { History } from './history.js';
import { INVITE_EVENT, Invites } from './invites.js';
import { type Agenda, parkDelay } from './parking.js';
import { RestGate } from './rest-gate.js';
import { NO_STANDING, Standing, type StandingInsight } from './standing.js';

export interface CatchUpNeighbours {
  readonly counters: Counters;
  readonly lives: Lives;
  readonly observers: ErrorListener;
  readonly serviceClock: ServiceClock;
  readonly order: Sequencer;
  readonly lanes: Pick<Lanes, 'waitingTotal'>;
  readonly identity: Pick<Identity, 'isOwn' | 'confirm'>;
  readonly inbox: Pick<Inbox, 'emit' | 'lastBrought' | 'watcher'>;
  readonly agenda: Agenda;
  /** Null without replicas. */
  readonly tenancy: Tenancy | null;
}

/** Everything that REST does for the socket: fill, drain, reconcile, invitations, and the acknowledgements by cursor. */
export type CatchUp = RestCatchUp | WithoutRest;

export class RestCatchUp implements CatchUpForOrder, CatchUpForInbox, UndeliveredQueue {
  readonly canFetch = true;
  readonly gate: RestGate;
  readonly cursorAcks: CursorAcks;
  private readonly deafness: Deafness;
  private readonly comparison: Comparison;
  private readonly history: History;
  readonly drains: Drain;
  private readonly invites: Invites;
  private readonly standings: Standing;
  private ackMode = false;
  private timer: TimerHandle = null;
  /** Of the session. */
  private life = new Life();

  constructor(
    source: RealtimeSource,
    private readonly settings: RealtimeSettings,
    socket: SocketOwner,
    hasStore: boolean,
    private readonly neighbours: CatchUpNeighbours,
  ) {
    const {
      counters,
      lives,
      observers: listener,
      serviceClock,
      order,
      identity,
      inbox,
      agenda,
      tenancy,
    } = neighbours;
    const { clock, bounds } = settings;
    this.gate = new RestGate(clock, bounds.backgroundRequestsPerSecond, source.timeoutMs, serviceClock);
    const complaints = new Complaints(listener);
    const ports = { clock, source, rest: this.gate, serviceClock, counters, lives, listener, complaints };
    const deafness = new Deafness(ports, identity, socket, inbox, tenancy !== null);
    const comparison = new Comparison(ports, order, hasStore, tenancy);
    this.deafness = deafness;
    this.comparison = comparison;
    this.cursorAcks = new CursorAcks(ports, tenancy !== null);
    this.history = new History(ports, bounds, order, comparison, deafness, agenda, this);
    this.drains = new Drain(
      ports,
      bounds,
      order,
      this.cursorAcks,
      this.history,
      comparison,
      deafness,
      tenancy,
    );
    this.invites = new Invites(ports, inbox);
    this.standings = new Standing(ports, (handle) => identity.confirm(handle));
  }

  fetch(conversationId: string, after: number, purpose: FetchPurpose): void {
    this.history.fetch(conversationId, after, purpose);
  }

  confirm(conversationId: string, seq: number): void {
    this.history.confirm(conversationId, seq);
  }

  /**
   * ORD-3: in ack mode the undelivered queue tells what is older and ours; without it, or after a session without it,
   * only history does.
   */
  look(conversationId: string, before: number): void {
    if (this.ackMode && !this.comparison.hadLegacySession) this.drains.look(conversationId, before);
    else this.history.lookBehind(conversationId, before);
  }

  turnedAway(conversationId: string, known: number): void {
    this.comparison.turnedAway(conversationId, known);
  }

  park(
    conversationId: string,
    seq: number,
    times: number,
    _event: MessageEvent | null,
    patienceMs?: number,
  ): void {
    this.history.schedulePark(conversationId, seq, times, patienceMs);
  }

  parkStray(arrival: Arrival, times: number, patienceMs?: number): void {
    const { agenda, order } = this.neighbours;
    agenda.after(parkDelay(times, patienceMs), () => order.redeliverStray(arrival, times));
  }

  isNews(frame: ServerFrame): boolean {
    return frame.type !== INVITE_EVENT || this.invites.isNews(frame);
  }

  setListening(type: string, listening: boolean): void {
    if (type === INVITE_EVENT) this.invites.setListening(listening);
  }

  sessionStarted(session: Session): void {
    this.ackMode = session.ackMode;
    this.life = new Life();
    this.cursorAcks.sessionStarted();
    this.deafness.sessionStarted(session);
    this.comparison.sessionStarted(session, this.life);
    this.arm(session);
    this.drains.sessionStarted(session, this.settings.autoDrain);
    this.invites.sessionStarted();
    this.standings.sessionStarted(this.life);
  }

  sessionEnded(): void {
    this.life.end();
    this.standings.sessionEnded();
    this.settings.clock.clearTimer(this.timer);
    this.drains.sessionEnded();
    this.beginStop();
  }

  /** STOP-1: nothing more is given out beside the lanes, and no socket is judged. */
  beginStop(): void {
    this.deafness.sessionEnded();
    this.invites.sessionEnded();
  }

  /** LIVE-1: a session is silent on a socket that cannot be pinged. REST tells whether that is real. */
  async probe(session: Session): Promise<void> {
    await this.reconcile(session);
    this.deafness.silent(session);
  }

  /** GAP-6. Gaps wait for the first pass anyway (GAP-1). */
  get isReadable(): boolean {
    const { drains } = this;
    return this.ackMode && drains.inSession && !drains.draining && drains.trouble.kind === null;
  }

  get rowsAtLeast(): number {
    return this.neighbours.lanes.waitingTotal + this.neighbours.order.runner.held;
  }

  /** One more pass through the undelivered queue. Resolves with the number of messages that it brought to light. */
  drain(): Promise<number> {
    return this.drains.request();
  }

  private arm(session: Session): void {
    const { life } = this;
    const { clock, reconcileIntervalMs: intervalMs } = this.settings;
    if (intervalMs <= 0) return;
    const reconcile = () => {
      const done = this.drains.busy && session.ackMode ? Promise.resolve() : this.reconcile(session);
      done.finally(() => {
        if (!life.ended) this.arm(session);
      });
    };
    this.timer = clock.setTimer(reconcile, intervalMs, 'background');
  }

  /**
   * Finds a lost *last* message, which no later seq betrays (CATCH-1). In ack mode the undelivered queue tells; what was
   * lost without it, only the list of conversations.
   */
  private async reconcile(session: Session): Promise<void> {
    // BP-1: without acks too, a row that found no room in its lane comes with the next pass.
    if (session.ackMode || this.cursorAcks.pending > 0) await this.drains.request();
    await this.comparison.run();
  }

  get insight(): CatchUpInsight {
    return this.drains.passes.insight(this.drains.draining, this.settings.clock.now());
  }

  /** Why the undelivered queue cannot be read at present; null while it can. */
  get trouble(): string | null {
    return this.drains.trouble.kind;
  }

  get standing(): StandingInsight {
    return this.standings.look();
  }

  get hearing(): HearingInsight {
    return this.deafness.insight;
  }
}

/**
 * Without a REST source nothing can be read, and what is missing can only be named. Parked messages are kept here, and
 * given out again after the same pauses (HND-1).
 */
export class WithoutRest implements CatchUpForOrder, CatchUpForInbox {
  readonly canFetch = false;
  readonly drains = { draining: false };
  readonly gate = null;
  readonly cursorAcks = null;
  readonly insight = { draining: false, rowsSoFar: null, lastPass: null };
  readonly trouble = null;
  readonly hearing = { findings: 0, lastReplacedAgoMs: null };
  readonly standing = NO_STANDING;

  constructor(
    private readonly agenda: Agenda,
    private readonly order: Sequencer,
  ) {}

  /** Bounded by `bounds.parked`. What an earlier process parked (no event) cannot be fetched. */
  park(
    conversationId: string,
    seq: number,
    times: number,
    event: MessageEvent | null,
    patienceMs?: number,
  ): void {
    if (event === null) return;
    this.agenda.after(parkDelay(times, patienceMs), () => this.order.redeliver(conversationId, event, seq));
  }

  parkStray(arrival: Arrival, times: number, patienceMs?: number): void {
    this.agenda.after(parkDelay(times, patienceMs), () => this.order.redeliverStray(arrival, times));
  }

  isNews(): boolean {
    return true;
  }

  async drain(): Promise<number> {
    return 0;
  }

  // The order asks none of this of somebody who cannot fetch, and the rest has nothing to do.
  async probe(): Promise<void> {}
  fetch(): void {}
  confirm(): void {}
  look(): void {}
  turnedAway(): void {}
  setListening(): void {}
  sessionStarted(): void {}
  sessionEnded(): void {}
  beginStop(): void {}
}
