import type { AgentChatError } from '../../errors/index.js';
import type { Message } from '../../wire/index.js';
import { RestAcks } from '../acking/cursor-acks.js';
import type { Session } from '../connection/session.js';
import type { Counters } from '../explain/counters.js';
import type { RealtimeSettings } from '../options.js';
import type { Sequencer } from '../order/sequencer.js';
import type { RealtimeSource } from '../source.js';
import type { Life } from '../util/life.js';
import { Deafness } from './deafness.js';
import { Drain } from './drain.js';
import { History } from './history.js';
import { Invites } from './invites.js';
import { Reconcile } from './reconcile.js';
import { BackgroundRest } from './rest-gate.js';

/** What recovery needs of the engine. */
export interface RecoveryPorts {
  sequencer(): Sequencer;
  onError(error: AgentChatError): void;
  /** Gives a pending group invitation to the handlers of its event. */
  emitInvite(invitation: object): void;
  isOwn(message: Message): boolean;
  /** Gives the session's socket up for the next. */
  replace(session: Session, why: string): void;
}

/** Everything that REST does for the socket: fill, drain, reconcile, invitations, and the acknowledgements by cursor. */
export class Recovery {
  readonly history: History;
  readonly drain: Drain;
  readonly reconcile: Reconcile;
  readonly acks: RestAcks;
  readonly invites: Invites;
  readonly deafness: Deafness;
  readonly rest: BackgroundRest;
  private ackMode = false;

  constructor(
    source: RealtimeSource,
    private readonly settings: RealtimeSettings,
    hasStore: boolean,
    counters: Counters,
    life: () => Life,
    ports: RecoveryPorts,
  ) {
    const { clock, bounds, reconcileIntervalMs } = settings;
    const rest = new BackgroundRest(clock, bounds.backgroundRequestsPerSecond);
    this.rest = rest;
    const { sequencer, onError, emitInvite, isOwn, replace } = ports;
    const onFound = (message: Message) => this.deafness.found(message);
    this.history = new History(clock, bounds, source, rest, sequencer, life, onError, onFound);
    this.acks = new RestAcks(clock, source, rest, counters, onError, life);
    this.drain = new Drain({
      clock,
      bounds,
      source,
      rest,
      counters,
      sequencer,
      onError,
      onFound,
      life,
      acks: this.acks,
      since: () => this.reconcile.since,
      hadLegacySession: () => this.reconcile.hadLegacySession,
      onEnded: () => this.reconcile.afterDrain(),
    });
    this.reconcile = new Reconcile({
      clock,
      source,
      rest,
      counters,
      hasStore,
      sequencer,
      drain: this.drain,
      intervalMs: reconcileIntervalMs,
    });
    this.deafness = new Deafness({ clock, source, rest, counters, isOwn, replace });
    this.invites = new Invites({ clock, source, rest, counters, onError, emit: emitInvite });
  }

  sessionStarted(session: Session): void {
    this.ackMode = session.ackMode;
    this.deafness.sessionStarted(session);
    this.reconcile.sessionStarted(session);
    this.drain.sessionStarted(session, this.settings.autoDrain);
    this.invites.sessionStarted();
  }

  sessionEnded(): void {
    this.reconcile.sessionEnded();
    this.drain.sessionEnded();
    this.beginStop();
  }

  /** STOP-1: nothing more is given out beside the lanes, and no socket is judged. */
  beginStop(): void {
    this.deafness.sessionEnded();
    this.invites.sessionEnded();
  }

  /** LIVE-1: a session is silent on a socket that cannot be pinged. REST tells whether that is real. */
  async probe(session: Session): Promise<void> {
    await this.reconcile.look(session);
    this.deafness.silent(session);
  }

  /** GAP-2: asks history about a far-off seq. When there is no answer, the next look may ask again. */
  confirm(conversationId: string, seq: number): void {
    this.history.confirm(conversationId, seq, () => this.reconcile.denied(conversationId, seq));
  }

  /**
   * ORD-3: in ack mode the undelivered queue tells what is older and ours; without it, or after a session without it,
   * only history does.
   */
  look(conversationId: string, before: number): void {
    if (this.ackMode && !this.reconcile.hadLegacySession) this.drain.look(conversationId);
    else this.history.lookBehind(conversationId, before, this.reconcile.since);
  }
}
