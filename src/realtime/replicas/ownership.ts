import type { Clock, TimerHandle } from '../../clock/index.js';
import { AgentChatClientError, ConnectionError } from '../../errors/index.js';
import type { LossReason, ReplicaCoordinator, ReplicaInsight, ReplicaListener } from '../../stores/index.js';
import { type Message, readSeq } from '../../wire/index.js';
import type { Session } from '../connection/session.js';
import type { Counters } from '../explain/counters.js';
import type { Observers } from '../listeners.js';
import { Life } from '../util/life.js';
import { ReportThrottle } from '../util/report-throttle.js';
import { pause } from '../util/retrying.js';
import type { Tenancy } from './tenancy.js';

/** A replica that hears nothing of the service for so long gives its conversations to others. */
const SESSIONLESS_MS = 30_000;

/** REP-6: how long a partition that is to move waits for the handlers at work. */
const LEAVING_PATIENCE_MS = 60_000;

/** Stands for a partition that nobody has. */
const NOBODYS = -1;

/** The parts that have to know when conversations come and go. Read when that happens. */
export interface OwnershipNeighbours {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly observers: Observers;
  readonly lanes: {
    /** Resolves when no handler is at work in a conversation that fits. */
    whenQuiet(fits: (conversationId: string) => boolean): Promise<void>;
  };
  readonly order: {
    /** Forgets all that is known of the conversations that fit. What runs in them is left to itself. */
    forget(fits: (conversationId: string) => boolean): void;
    /** This seq exists. */
    noteKnown(conversationId: string, seq: number): boolean;
  };
  readonly acknowledger: {
    /** Resolves when what is handled in the conversations that fit is saved, and its acknowledgement is written. */
    flushOf(fits: (conversationId: string) => boolean): Promise<void>;
    /** What is not saved yet of these conversations never will be, nor acknowledged. */
    forget(fits: (conversationId: string) => boolean): void;
    /** Conversations that owe something begin. */
    loadUnfinished(): Promise<void>;
  };
  readonly catchUp: { drain(): Promise<number> };
}

/** This replica's part of the conversations: what the coordinator says, carried out in the order, the lanes and the store. */
export class Ownership implements Tenancy, ReplicaListener {
  /** Of the partitions that we have. */
  private readonly lives = new Map<number, Life>();
  private readonly ended = new Life();
  private sessionlessTimer: TimerHandle = null;
  private readonly throttle = new ReportThrottle();
  private isTakingUp = false;
  private isStarted = false;

  constructor(
    private readonly coordinator: ReplicaCoordinator,
    private readonly neighbours: OwnershipNeighbours,
  ) {
    this.ended.end();
  }

  get insight(): ReplicaInsight {
    return this.coordinator.insight;
  }

  /** Only what this client was given: the coordinator may be another client's as well. */
  owns(conversationId: string): boolean {
    if (!this.lives.has(this.partitionOf(conversationId))) return false;
    return this.asked('owns', () => this.coordinator.owns(conversationId), false);
  }

  lifeOf(conversationId: string): Life {
    return this.lives.get(this.partitionOf(conversationId)) ?? this.ended;
  }

  private partitionOf(conversationId: string): number {
    return this.asked('partitionOf', () => this.coordinator.partitionOf(conversationId), NOBODYS);
  }

  /** The coordinator may be anybody's. What cannot be asked is not ours. */
  private asked<T>(what: string, ask: () => T, otherwise: T): T {
    try {
      return ask();
    } catch (cause) {
      const { clock, observers } = this.neighbours;
      if (this.throttle.admit(clock.now())) observers.onError(coordinatorFailed(what, cause));
      return otherwise;
    }
  }

  /** REP-4: whether a message is ours to handle. Of one that is not, its owner is told. */
  takes({ conversation_id, seq }: Message): boolean {
    if (this.owns(conversation_id)) return true;
    this.neighbours.counters.notOurs += 1;
    const usable = readSeq(seq);
    if (usable !== undefined) this.sent(conversation_id, usable);
    return false;
  }

  /** REP-4: this seq exists in a conversation of somebody else's, be it of our own send. */
  sent(conversationId: string, seq: number): void {
    this.asked('tell', () => this.coordinator.tell(conversationId, seq), undefined);
  }

  sessionStarted({ ackMode }: Session): void {
    this.neighbours.clock.clearTimer(this.sessionlessTimer);
    if (!ackMode) {
      this.neighbours.observers.onError(
        new ConnectionError({
          code: 'REPLICAS_NEED_ACKS',
          message:
            'The service did not offer acknowledgements for this session, and replicas cannot share the work without them. This replica handles nothing. Run one process, without the option `replicas`.',
          outcome: 'rejected',
        }),
      );
      void this.stop();
      return;
    }
    this.isStarted = true;
    void this.begin();
    this.takeUp();
  }

  private async begin(): Promise<void> {
    try {
      await this.coordinator.start(this);
    } catch (cause) {
      // It is not ours to stop.
      this.isStarted = false;
      this.trouble(cause instanceof AgentChatClientError ? cause : coordinatorFailed('start', cause));
    }
  }

  /** A replica without a session receives nothing: others shall. A short break changes nothing. */
  sessionEnded(): void {
    const { clock } = this.neighbours;
    clock.clearTimer(this.sessionlessTimer);
    if (!this.isStarted) return;
    this.sessionlessTimer = clock.setTimer(() => void this.stop(), SESSIONLESS_MS, 'background');
  }

  /** Gives everything up. Resolves when the others may take it. */
  async stop(): Promise<void> {
    this.neighbours.clock.clearTimer(this.sessionlessTimer);
    if (!this.isStarted) return;
    this.isStarted = false;
    try {
      await this.coordinator.stop();
    } catch (cause) {
      this.trouble(coordinatorFailed('stop', cause));
    }
  }

  taken(partition: number): void {
    this.lives.set(partition, new Life());
    this.neighbours.counters.partitionsTaken += 1;
    this.neighbours.observers.replicas.call({ type: 'taken', partition });
    this.takeUp();
  }

  async leaving(partition: number): Promise<void> {
    const { lanes, acknowledger, observers } = this.neighbours;
    observers.replicas.call({ type: 'leaving', partition });
    const isIn = (id: string) => this.partitionOf(id) === partition;
    // One handler that never ends must not keep all the others' conversations standing still.
    const { clock } = this.neighbours;
    const patience = new Life();
    await Promise.race([lanes.whenQuiet(isIn), pause(clock, LEAVING_PATIENCE_MS, patience)]);
    patience.end();
    await acknowledger.flushOf(isIn);
  }

  lost(partitions: readonly number[], why: LossReason): void {
    const { acknowledger, order, counters, observers } = this.neighbours;
    // One walk over all conversations, however many partitions go.
    const gone = new Set(partitions);
    const isIn = (id: string) => gone.has(this.partitionOf(id));
    // First: what ends from now on must find that it does not count.
    order.forget(isIn);
    acknowledger.forget(isIn);
    for (const partition of gone) {
      this.lives.get(partition)?.end();
      this.lives.delete(partition);
      if (why !== 'moved' && why !== 'stopped') counters.partitionsLost += 1;
      observers.replicas.call({ type: 'lost', partition, why });
    }
  }

  heard(conversationId: string, seq: number): void {
    if (this.owns(conversationId)) this.neighbours.order.noteKnown(conversationId, seq);
  }

  trouble(error: AgentChatClientError | null): void {
    if (error !== null) this.neighbours.observers.onError(error);
  }

  /** REP-5: what came since another replica had it is in the undelivered queue. Many that are taken share one reading. */
  private takeUp(): void {
    if (this.isTakingUp) return;
    this.isTakingUp = true;
    this.neighbours.clock.defer(() => {
      this.isTakingUp = false;
      void this.neighbours.acknowledger.loadUnfinished();
      void this.neighbours.catchUp.drain();
    });
  }
}

function coordinatorFailed(what: string, cause: unknown): ConnectionError {
  return new ConnectionError({
    code: 'REPLICAS_FAILED',
    message: `The replica coordinator threw in ${what}(). What it cannot answer for is not handled here. See the cause.`,
    outcome: 'unknown',
    cause,
  });
}
