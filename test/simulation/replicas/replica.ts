import { HandlerError } from '../../../src/errors/index.js';
import { RealtimeClient, type ReplicaEvent } from '../../../src/realtime/index.js';
import { Replicas } from '../../../src/stores/replicas/replicas.js';
import type { Message } from '../../../src/wire/index.js';
import { ModelSource } from '../model-rest.js';
import { BOT, keyOf } from '../stored.js';
import { ModelProcess } from './model-process.js';
import { ReplicaHandlers } from './replica-handlers.js';
import type { ReplicasWorld } from './replicas-world.js';
import { LATEST_MS } from './shared-store.js';

/** REP-7: so long after its last session ended, and a lease, a replica has nothing any more. */
const SESSIONLESS_MS = 30_000;
/** REP-6: so long a partition that is to move waits for the handlers at work. */
const LEAVING_PATIENCE_MS = 60_000;
/** For what is on its way. */
const MARGIN_MS = 1_000;

/** One process with a client in it, from its start until it is killed. */
export class Replica {
  readonly process: ModelProcess;
  readonly client: RealtimeClient;
  readonly source: ModelSource;
  /** Promises that were given to its code and have not settled. */
  unsettled = 0;
  /** It wants to be connected. */
  isWanted = false;
  /** When its last session ended, or it began to connect; null while it has one. */
  private deafSince: number | null = null;
  private stops = 0;
  private readonly takenAt = new Map<number, number>();
  private readonly leavingSince = new Map<number, number>();

  constructor(
    private readonly world: ReplicasWorld,
    label: string,
    reply: (replica: Replica, message: Message) => Promise<void>,
  ) {
    const { clock, rng, schedule, store, network, works, gaps, facts } = world;
    const { leaseMs, partitions } = schedule;
    this.process = new ModelProcess(clock, rng, label);
    const { process } = this;
    this.source = new ModelSource(world.rest, process);
    const handlers = new ReplicaHandlers({
      process,
      rng,
      witness: works,
      leaseMs,
      mode: () => world.handlerMode,
      reply: (message) => reply(this, message),
    });
    this.client = new RealtimeClient({
      apiKey: 'ac_test_simulated_key',
      baseUrl: 'ws://127.0.0.1',
      clock: process,
      openSocket: network.openSocketOf(process),
      reconnectInterval: 500,
      client: this.source,
      handle: BOT,
      replicas: new Replicas(store.connectionOf(process), { name: label, leaseMs, partitions }, process),
      bounds: schedule.bounds,
      onSequenceGap: (gap) => gaps.reported(gap),
    });
    this.client.on('message.new', handlers.handle);
    this.client.onReplica((event) => this.told(event));
    this.client.onConnect(() => {
      this.deafSince = null;
    });
    this.client.onDisconnect(() => {
      this.deafSince ??= clock.now();
    });
    this.client.onError((error) => {
      facts.note(() => `error    ${label} ${error.code} ${error.message}`);
      if (error instanceof HandlerError && error.code === 'HANDLER_FAILED' && !error.willRetry)
        this.exhausted(error);
    });
  }

  /** Awake, connected, and on good terms with the store. */
  get isSteady(): boolean {
    const { replicas } = this.client.explain();
    const confirmedAgoMs = replicas?.confirmedAgoMs ?? Number.POSITIVE_INFINITY;
    return (
      this.isWanted &&
      this.process.isUpToDate &&
      this.client.isConnected &&
      this.world.network.has(this.process) &&
      confirmedAgoMs < this.world.schedule.leaseMs / 2
    );
  }

  connect(): void {
    this.isWanted = true;
    this.deafSince = this.world.clock.now();
    this.track(this.client.connect());
  }

  /** `disconnect()`; then `connect()` after a pause, or never. Resolves when the stop is over. */
  async stop(deadlineMs: number, pauseMs: number | null): Promise<void> {
    this.isWanted = false;
    this.stops += 1;
    const { stops } = this;
    const stopped = this.client.disconnect({ deadlineMs });
    this.track(stopped);
    await stopped;
    this.deafSince = null;
    if (pauseMs === null) return;
    const goOn = () => {
      if (stops === this.stops) this.connect();
    };
    this.process.setTimer(goOn, pauseMs, 'background');
  }

  kill(): void {
    this.isWanted = false;
    this.process.kill();
    this.world.network.died(this.process);
    this.world.works.died(this.process);
  }

  /** REP-7: who hears nothing of the service for long gives everything up. */
  check(): void {
    const { clock, leases, facts, schedule } = this.world;
    const { process, deafSince } = this;
    if (deafSince === null || !process.isUpToDate) return;
    const since = Math.max(deafSince, process.awakeSince);
    const ms = clock.now() - since;
    if (ms < SESSIONLESS_MS + schedule.leaseMs + LATEST_MS + MARGIN_MS) return;
    const [partition] = leases.heldBy(process);
    if (partition !== undefined)
      facts.object(
        'REP-7',
        `${process.label} has partition ${partition}, and no session for ${Math.round(ms)} ms`,
      );
  }

  private told(event: ReplicaEvent): void {
    const { facts, clock, works, lastTroubleAt } = this.world;
    const { partition } = event;
    const why = event.type === 'lost' ? `, ${event.why}` : '';
    facts.note(() => `replica  ${this.process.label} ${event.type} ${partition}${why}`);
    if (event.type === 'taken') this.takenAt.set(partition, clock.now());
    if (event.type === 'leaving') this.leavingSince.set(partition, clock.now());
    if (event.type !== 'lost' || event.why !== 'moved') return;
    const takenAt = this.takenAt.get(partition) ?? 0;
    const leavingMs = clock.now() - (this.leavingSince.get(partition) ?? 0);
    if (leavingMs < LEAVING_PATIENCE_MS) works.hurried(this.process, partition);
    works.givenAway(this.process, partition, Math.max(takenAt, lastTroubleAt, this.process.awakeSince));
  }

  private exhausted({ messageId, conversationId }: HandlerError): void {
    const { facts, service } = this.world;
    const history = service.historyOf(conversationId);
    const message = history.find((one) => one.message.id === messageId)?.message;
    facts.exhausted.add(message === undefined ? messageId : keyOf(message));
  }

  private track(promise: Promise<unknown>): void {
    this.unsettled += 1;
    const settled = () => {
      this.unsettled -= 1;
    };
    promise.then(settled, settled);
  }
}
