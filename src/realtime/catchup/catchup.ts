import { CursorAcks } from '../acking/cursor-acks.js';
import type { Session } from '../connection/session.js';
import type { Counters } from '../explain/counters.js';
import type { RealtimeSettings } from '../options.js';
import type { Sequencer } from '../order/sequencer.js';
import type { RealtimeSource } from '../source.js';
import type { Lives } from '../util/life.js';
import { Comparison } from './comparison.js';
import { Deafness, type OwnMessages, type SocketOwner } from './deafness.js';
import { Drain } from './drain.js';
import { History } from './history.js';
import { type EventEmitter, Invites } from './invites.js';
import { Reconcile } from './reconcile.js';
import { RestGate } from './rest-gate.js';
import type { ErrorListener, RestPorts } from './rest-ports.js';

/** What catching up is given by the engine. */
export interface CatchUpParts {
  readonly source: RealtimeSource;
  readonly settings: RealtimeSettings;
  readonly hasStore: boolean;
  readonly counters: Counters;
  /** The client's lives, each between `connect()` and `disconnect()`. */
  readonly lives: Lives;
  readonly sequencer: Sequencer;
  readonly identity: OwnMessages;
  readonly listener: ErrorListener & EventEmitter & SocketOwner;
}

/** Everything that REST does for the socket: fill, drain, reconcile, invitations, and the acknowledgements by cursor. */
export class CatchUp {
  readonly rest: RestGate;
  readonly deafness: Deafness;
  readonly comparison: Comparison;
  readonly history: History;
  readonly acks: CursorAcks;
  readonly drain: Drain;
  readonly invites: Invites;
  private readonly reconcile: Reconcile;
  private readonly autoDrain: boolean;
  private ackMode = false;

  constructor({ source, settings, hasStore, counters, lives, sequencer, identity, listener }: CatchUpParts) {
    const { clock, bounds, autoDrain, reconcileIntervalMs } = settings;
    this.autoDrain = autoDrain;
    this.rest = new RestGate(clock, bounds.backgroundRequestsPerSecond);
    const ports: RestPorts = { clock, source, rest: this.rest, counters, listener };
    const deafness = new Deafness(ports, identity, listener);
    const comparison = new Comparison(ports, sequencer, hasStore);
    this.deafness = deafness;
    this.comparison = comparison;
    this.history = new History(ports, bounds, lives, sequencer, comparison, deafness);
    this.acks = new CursorAcks(ports, lives);
    this.drain = new Drain(ports, bounds, lives, sequencer, this.acks, comparison, deafness);
    this.reconcile = new Reconcile(ports, this.drain, this.acks, comparison, reconcileIntervalMs);
    this.invites = new Invites(ports, listener);
  }

  sessionStarted(session: Session): void {
    this.ackMode = session.ackMode;
    this.deafness.sessionStarted(session);
    this.comparison.sessionStarted(session);
    this.reconcile.sessionStarted(session);
    this.drain.sessionStarted(session, this.autoDrain);
    this.invites.sessionStarted();
  }

  sessionEnded(): void {
    this.comparison.sessionEnded();
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
    await this.reconcile.run(session);
    this.deafness.silent(session);
  }

  /**
   * ORD-3: in ack mode the undelivered queue tells what is older and ours; without it, or after a session without it,
   * only history does.
   */
  look(conversationId: string, before: number): void {
    if (this.ackMode && !this.comparison.hadLegacySession) this.drain.look(conversationId);
    else this.history.lookBehind(conversationId, before, this.comparison.since);
  }
}
