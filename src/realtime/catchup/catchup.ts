import type { Message, ServerFrame } from '../../wire/index.js';
import { CursorAcks } from '../acking/cursor-acks.js';
import type { Session } from '../connection/session.js';
import type { Counters } from '../explain/counters.js';
import type { CatchUpInsight } from '../explain/journal.js';
import type { CatchUpForInbox } from '../inbox.js';
import type { ErrorListener } from '../listeners.js';
import type { CatchUpForOrder } from '../order/neighbours.js';
import type { Sequencer } from '../order/sequencer.js';
import type { FetchPurpose } from '../order/step.js';
import type { RealtimeSettings } from '../settings.js';
import type { RealtimeSource } from '../source.js';
import type { Lives } from '../util/life.js';
import { Comparison } from './comparison.js';
import { Deafness, type HearingInsight, type OwnMessages, type SocketOwner } from './deafness.js';
import { Drain } from './drain.js';
import { History } from './history.js';
import { type EventEmitter, INVITE_EVENT, Invites } from './invites.js';
import { Reconcile } from './reconcile.js';
import type { RestPorts } from './rest-gate.js';
import { RestGate } from './rest-gate.js';

/** What catching up is given by the engine. */
export interface CatchUpParts {
  readonly settings: RealtimeSettings;
  readonly counters: Counters;
  /** The client's lives, each between `connect()` and `disconnect()`. */
  readonly lives: Lives;
  readonly observers: ErrorListener;
  readonly order: Sequencer;
  readonly identity: OwnMessages;
  readonly inbox: EventEmitter;
  readonly socket: SocketOwner;
  readonly hasStore: boolean;
}

/** Everything that REST does for the socket: fill, drain, reconcile, invitations, and the acknowledgements by cursor. */
export interface CatchUp extends CatchUpForOrder, CatchUpForInbox {
  /** Null without a REST source, as is the next. */
  readonly gate: RestGate | null;
  readonly cursorAcks: CursorAcks | null;
  /** Fetches a parked message again, later each time (HND-1). */
  refetchParked(conversationId: string, seq: number, times: number): void;

  /** A new life: what the end of the last one cut short is asked again. */
  resume(): void;
  /** STOP-1: nothing runs in the background. */
  pause(): void;
  sessionStarted(session: Session): void;
  sessionEnded(): void;
  /** STOP-1: nothing more is given out beside the lanes, and no socket is judged. */
  beginStop(): void;
  /** LIVE-1: a session is silent on a socket that cannot be pinged. REST tells whether that is real. */
  probe(session: Session): Promise<void>;
  /** One more pass through the undelivered queue. Resolves with the number of messages that it brought to light. */
  drain(): Promise<number>;

  /** How the reading of the undelivered queue goes, and how it went last. */
  readonly insight: CatchUpInsight;
  /** Why the undelivered queue cannot be read at present; null while it can. */
  readonly trouble: string | null;
  /** What is held against the socket. */
  readonly hearing: HearingInsight;
}

/** Catching up through a REST source. */
export class RestCatchUp implements CatchUp {
  readonly canFetch = true;
  readonly gate: RestGate;
  readonly cursorAcks: CursorAcks;
  private readonly deafness: Deafness;
  private readonly comparison: Comparison;
  private readonly history: History;
  private readonly drains: Drain;
  private readonly invites: Invites;
  private readonly reconcile: Reconcile;
  private readonly autoDrain: boolean;
  private ackMode = false;

  constructor(source: RealtimeSource, parts: CatchUpParts) {
    const { settings, counters, lives, observers, order, identity, inbox, socket, hasStore } = parts;
    const { clock, bounds, autoDrain, reconcileIntervalMs } = settings;
    this.autoDrain = autoDrain;
    this.gate = new RestGate(clock, bounds.backgroundRequestsPerSecond);
    const ports: RestPorts = { clock, source, rest: this.gate, counters, listener: observers };
    const deafness = new Deafness(ports, identity, socket);
    const comparison = new Comparison(ports, order, hasStore);
    this.deafness = deafness;
    this.comparison = comparison;
    this.history = new History(ports, bounds, lives, order, comparison, deafness);
    this.cursorAcks = new CursorAcks(ports, lives);
    this.drains = new Drain(ports, bounds, lives, order, this.cursorAcks, this.history, comparison, deafness);
    this.reconcile = new Reconcile(ports, this.drains, this.cursorAcks, comparison, reconcileIntervalMs);
    this.invites = new Invites(ports, inbox);
  }

  // -- for the order --------------------------------------------------------------------------------------------

  get draining(): boolean {
    return this.drains.draining;
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
    else this.history.lookBehind(conversationId, before, this.comparison.since);
  }

  turnedAway(conversationId: string, known: number): void {
    this.comparison.turnedAway(conversationId, known);
  }

  park(conversationId: string, seq: number, times: number): void {
    this.history.schedulePark(conversationId, seq, times);
  }

  refetchParked(conversationId: string, seq: number, times: number): void {
    this.history.schedulePark(conversationId, seq, times);
  }

  // -- for the inbox --------------------------------------------------------------------------------------------

  brought(message: Message): void {
    this.deafness.brought(message);
  }

  isNews(frame: ServerFrame): boolean {
    return frame.type !== INVITE_EVENT || this.invites.isNews(frame);
  }

  setListening(type: string, listening: boolean): void {
    if (type === INVITE_EVENT) this.invites.setListening(listening);
  }

  // -- life -----------------------------------------------------------------------------------------------------

  resume(): void {
    this.history.resume();
  }

  pause(): void {
    this.history.pause();
  }

  sessionStarted(session: Session): void {
    this.ackMode = session.ackMode;
    this.deafness.sessionStarted(session);
    this.comparison.sessionStarted(session);
    this.reconcile.sessionStarted(session);
    this.drains.sessionStarted(session, this.autoDrain);
    this.invites.sessionStarted();
  }

  sessionEnded(): void {
    this.comparison.sessionEnded();
    this.reconcile.sessionEnded();
    this.drains.sessionEnded();
    this.beginStop();
  }

  beginStop(): void {
    this.deafness.sessionEnded();
    this.invites.sessionEnded();
  }

  async probe(session: Session): Promise<void> {
    await this.reconcile.run(session);
    this.deafness.silent(session);
  }

  drain(): Promise<number> {
    return this.drains.request();
  }

  // -- for explain() --------------------------------------------------------------------------------------------

  get insight(): CatchUpInsight {
    return this.drains.insight;
  }

  get trouble(): string | null {
    return this.drains.trouble;
  }

  get hearing(): HearingInsight {
    return this.deafness.insight;
  }
}
