import type { AgentChatClientError } from '../../src/errors/index.js';
import { HandlerError } from '../../src/errors/index.js';
import { RealtimeClient, type RealtimeOptions } from '../../src/realtime/index.js';
import type { Message } from '../../src/wire/index.js';
import { BotHandlers } from './bot-handlers.js';
import { RECONNECT_MS } from './connection-witness.js';
import { ModelSource } from './model-rest.js';
import { ProcessClock } from './process-clock.js';
import { BOT } from './stored.js';
import type { World } from './world.js';

/** One life of the bot's process, from its start to its crash. What a dead one still does is seen by nobody. */
export class Bot {
  readonly client: RealtimeClient;
  readonly source: ModelSource;
  readonly handlers: BotHandlers;
  readonly clock: ProcessClock;
  /** When this life first said hello. */
  connectedAt = Number.POSITIVE_INFINITY;
  /** Promises that were given to the bot and have not settled. */
  unsettled = 0;
  private stops = 0;

  constructor(
    private readonly world: World,
    reply: (message: Message) => Promise<void>,
  ) {
    const { schedule, handlerWitness, connectionWitness, gapWitness, facts } = world;
    handlerWitness.newLife();
    connectionWitness.newLife();
    world.restWitness.newLife();
    this.clock = new ProcessClock(world.clock, schedule.hostAheadMs);
    const isAlive = () => this.clock.isAlive;
    this.source = new ModelSource(world.rest, { isAlive, hear: (answer) => answer() });
    this.handlers = new BotHandlers({
      clock: world.clock,
      rng: world.rng,
      witness: handlerWitness,
      deadLetter: schedule.deadLetter,
      isAlive,
      mode: () => world.handlerMode,
      toil: (ms) => world.toil(ms),
      reply,
    });
    this.client = new RealtimeClient({
      ...this.options(),
      onSequenceGap: (gap) => {
        gapWitness.reported(gap);
        this.misbehave();
      },
    });
    const { client, handlers } = this;
    client.on('message.new', handlers.first);
    if (schedule.handlers === 2) client.on('message.new', handlers.second);
    client.onError((error) => {
      facts.note(() => `error    ${error.code} ${error.message}`);
      this.told(error);
    });
    client.onStateChange((state) => {
      facts.note(() => `state    ${state}`);
      connectionWitness.state(state);
      world.handlerWitness.isStopping = state === 'stopping';
      this.misbehave();
    });
    client.onConnect(() => {
      connectionWitness.connected();
      this.connectedAt = Math.min(this.connectedAt, world.clock.now());
      this.misbehave();
    });
    client.onDisconnect(() => this.misbehave());
  }

  connect(): void {
    this.world.handlerWitness.connects();
    this.world.connectionWitness.connects();
    this.world.restWitness.connects();
    this.track(this.client.connect());
  }

  /** `disconnect()`, and `connect()` when `pauseMs` have passed since the stop was over; with 0, at once. */
  stop(deadlineMs: number, pauseMs: number): void {
    const { world } = this;
    const stopped = this.client.disconnect({ deadlineMs });
    world.handlerWitness.stopped();
    world.connectionWitness.stops();
    this.track(stopped);
    this.stops += 1;
    const { stops } = this;
    const goOn = () => {
      // Another stop has come in the meantime: its own time counts.
      if (stops === this.stops && this.clock.isAlive) this.connect();
    };
    if (pauseMs === 0) goOn();
    else void stopped.then(() => world.clock.setTimer(goOn, pauseMs, 'background'));
  }

  /** The last stop: nobody connects again. */
  end(): void {
    this.stops += 1;
    this.track(this.client.disconnect({ deadlineMs: 5_000 }));
    this.world.handlerWitness.stopped();
    this.world.connectionWitness.stops();
  }

  ask(): void {
    this.track(this.client.drainOfflineEnvelopes());
  }

  /** kill -9: the process is gone in the middle of whatever it did. */
  kill(): void {
    this.clock.isAlive = false;
    this.world.connectionWitness.newLife();
  }

  private track(promise: Promise<unknown>): void {
    this.unsettled += 1;
    const settled = () => {
      this.unsettled -= 1;
    };
    promise.then(settled, settled);
  }

  private options(): RealtimeOptions {
    const { schedule, network, store } = this.world;
    return {
      apiKey: 'ac_test_simulated_key',
      baseUrl: 'ws://127.0.0.1',
      clock: this.clock,
      openSocket: (url, events) => {
        if (!this.clock.isAlive) throw new Error('this process is dead');
        return network.openSocket(url, events);
      },
      reconnectInterval: RECONNECT_MS,
      reconcileIntervalMs: schedule.reconcileIntervalMs,
      onHandlerFailure: schedule.onHandlerFailure,
      gapFillWindowMs: schedule.gapFillWindowMs,
      gapGiveUpMs: schedule.gapGiveUpMs,
      bounds: schedule.bounds,
      ...(schedule.hasRest ? { client: this.source } : {}),
      ...(schedule.handle === 'given' ? { handle: BOT } : {}),
      ...(schedule.hasClaims ? { dedupe: store.claimsOf(() => this.clock.isAlive, this.clock) } : {}),
      ...(schedule.hasStore ? { store: store.openedBy(() => this.clock.isAlive) } : {}),
      ...(schedule.deadLetter === 'none' ? {} : { onDeadLetter: this.handlers.deadLetter }),
    };
  }

  private told(error: AgentChatClientError): void {
    const { facts, handlerWitness } = this.world;
    if (error instanceof HandlerError && error.code === 'HANDLER_FAILED' && !error.willRetry)
      handlerWitness.exhausted(error.messageId, error.conversationId);
    // BP-1: a message without a seq that will not come again is named in words.
    const shed = error.code === 'MESSAGE_SHED' ? /msg_\d+/.exec(error.message)?.[0] : undefined;
    if (shed !== undefined) facts.named.add(shed);
  }

  /** HND-1: what listeners throw disturbs nobody. */
  private misbehave(): void {
    if (this.world.schedule.rude) throw new Error('a rude listener');
  }
}
