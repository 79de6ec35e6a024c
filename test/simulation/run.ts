import { RealtimeClient } from '../../src/realtime/index.js';
import { type CursorStore, MemoryStore, type StoredCursor } from '../../src/stores/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { BOT, ModelService } from './model-service.js';
import { Rng } from './rng.js';
import type { Action, HandlerMode, Schedule, StoreMode } from './schedule.js';
import { Witness } from './witness.js';

export interface RunResult {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly handled: number;
  readonly sent: number;
}

const RECONNECT_MS = 500;
/** When everything has calmed down, the slowest way back: a parked message, doubling to an hour. */
const PATIENCE_MS = 12 * 3_600_000;

/** One life of the bot's process. A crash ends it: nothing that it still does is seen by anybody. */
interface Life {
  readonly client: RealtimeClient;
  readonly source: ReturnType<ModelService['source']>;
  alive: boolean;
  clock: LifeClock;
}

/** A process's view of the clock: after a crash none of its timers fires. */
class LifeClock {
  alive = true;
  constructor(private readonly clock: VirtualClock) {}
  now = () => this.clock.now();
  wallNow = () => this.clock.wallNow();
  random = () => this.clock.random();
  setTimer(callback: () => void, delayMs: number, kind?: 'background') {
    return this.clock.setTimer(() => this.alive && callback(), delayMs, kind);
  }
  clearTimer(handle: unknown) {
    this.clock.clearTimer(handle);
  }
  defer(callback: () => void) {
    this.clock.defer(() => this.alive && callback());
  }
}

class Simulation {
  readonly clock: VirtualClock;
  readonly witness: Witness;
  private readonly rng: Rng;
  private readonly service: ModelService;
  private readonly durable = new MemoryStore();
  private readonly stored = new Map<string, StoredCursor>();
  private handlerMode: HandlerMode = 'async';
  private storeMode: StoreMode = 'ok';
  private life: Life;
  /** When this life first said hello. */
  private connectedAt = Number.POSITIVE_INFINITY;
  private sent = 0;
  private promises: Promise<unknown>[] = [];
  private settled = 0;

  constructor(private readonly schedule: Schedule) {
    this.clock = new VirtualClock({ seed: schedule.seed });
    this.rng = new Rng(schedule.seed ^ 0x5bd1e995);
    this.witness = new Witness(() => this.clock.now());
    this.service = new ModelService(this.clock, this.rng, schedule, (stored, how) => {
      this.witness.acked(stored, how);
      // Without acks, a backlog that was written before we had ever been connected is lost with its socket.
      if (how === 'write' && stored.writtenAt < this.connectedAt) this.witness.excused.add(stored.message.id);
    });
    this.life = this.begin();
  }

  async run(): Promise<RunResult> {
    for (const action of this.schedule.actions) {
      if (action.at > this.clock.now()) await this.clock.advanceTo(action.at);
      this.witness.note(`action   ${JSON.stringify(action)}`);
      await this.perform(action);
      if (this.witness.violations.length > 0) return this.result();
    }
    await this.calm();
    if (this.witness.violations.length === 0) await this.end();
    return this.result();
  }

  private result(): RunResult {
    const { violations, trace, handled } = this.witness;
    return { violations, trace, handled: handled.size, sent: this.sent };
  }

  /** Everything works again: what is owed must arrive. */
  private async calm(): Promise<void> {
    this.service.calmDown();
    this.handlerMode = 'sync';
    this.storeMode = 'ok';
    const { inbox } = this.service;
    const open = () =>
      inbox.filter(
        ({ message, hidden, state }) =>
          !hidden &&
          !this.witness.excused.has(message.id) &&
          ((!this.witness.handled.has(message.id) && !this.witness.named.has(message.id)) ||
            (this.schedule.ackMode && state !== 'delivered' && this.witness.handled.has(message.id))),
      ).length;
    for (let waited = 0; waited < PATIENCE_MS && open() > 0; waited += 10_000) {
      await this.clock.advance(10_000);
      if (this.witness.violations.length > 0) return;
    }
    this.witness.atTheEnd(inbox, this.schedule.ackMode);
    this.witness.noStorm(this.service.opened, 20, 20 * RECONNECT_MS - 1);
  }

  /** STOP-1: stops, and nothing runs afterwards. */
  private async end(): Promise<void> {
    const stopped = this.track(this.life.client.disconnect({ deadlineMs: 5_000 }));
    await this.clock.advance(20_000);
    void stopped;
    if (this.settled < this.promises.length) this.witness.object('STOP-1', 'a promise never settled');
    if (this.clock.pendingForegroundTimers > 0) {
      this.witness.object('STOP-1', `${this.clock.pendingForegroundTimers} timers keep the process alive`);
    }
    const { starts } = this.witness;
    this.service.send(0, 'peer');
    await this.clock.advance(120_000);
    if (this.witness.starts > starts) this.witness.object('STOP-1', 'a handler ran after disconnect()');
  }

  private track<T>(promise: Promise<T>): Promise<T> {
    this.promises.push(promise);
    const { promises } = this;
    const done = () => {
      if (promises === this.promises) this.settled += 1;
    };
    promise.then(done, done);
    return promise;
  }

  // -- the bot ----------------------------------------------------------------------------------------------------

  private begin(): Life {
    const { schedule, service, witness } = this;
    witness.newLife();
    const clock = new LifeClock(this.clock);
    const source = service.source(() => clock.alive);
    const client = new RealtimeClient({
      apiKey: 'ac_test_simulated_key',
      client: source,
      clock,
      openSocket: service.openSocket,
      reconnectInterval: RECONNECT_MS,
      baseUrl: 'ws://127.0.0.1',
      reconcileIntervalMs: 20_000,
      onHandlerFailure: schedule.onHandlerFailure,
      gapFillWindowMs: schedule.adaptive ? 'adaptive' : 2_000,
      bounds: {
        concurrency: schedule.concurrency,
        lane: schedule.laneBound,
        holdPerConversation: schedule.holdBound,
      },
      onSequenceGap: (gap) => witness.gap(gap, service.history),
      ...(schedule.hasStore ? { store: this.store(clock) } : {}),
    });
    client.on('message.new', (event, context) => {
      if (!clock.alive) return undefined;
      witness.handlerStarts(event, context);
      return this.work(event, clock);
    });
    client.onError((error) => witness.note(`error    ${error.code} ${error.message}`));
    client.onStateChange((state) => witness.note(`state    ${state}`));
    this.connectedAt = Number.POSITIVE_INFINITY;
    client.onConnect(() => {
      this.connectedAt = Math.min(this.connectedAt, this.clock.now());
    });
    this.track(client.connect().catch(() => {}));
    return { client, source, alive: true, clock };
  }

  private work(event: Parameters<Witness['handlerEnds']>[0], clock: LifeClock): unknown {
    const { handlerMode, rng, witness } = this;
    const fails = handlerMode === 'failing' && rng.chance(0.6);
    const finish = () => {
      if (!clock.alive) return;
      witness.handlerEnds(event, !fails);
    };
    if (handlerMode === 'sync' || rng.chance(0.3)) {
      finish();
      if (fails) throw new Error('sync failure');
      return undefined;
    }
    const ms =
      handlerMode === 'very slow'
        ? rng.int(1_000, 90_000)
        : handlerMode === 'slow'
          ? rng.int(50, 3_000)
          : rng.int(1, 30);
    return new Promise<void>((resolve, reject) => {
      clock.setTimer(
        () => {
          finish();
          if (fails) reject(new Error('async failure'));
          else resolve();
        },
        ms,
        'background',
      );
    });
  }

  private store(clock: LifeClock): CursorStore {
    const pass = <T>(work: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const ms = this.storeMode === 'slow' ? this.rng.int(100, 8_000) : this.rng.int(0, 5);
        const fails = this.storeMode === 'failing' && this.rng.chance(0.7);
        clock.setTimer(
          () => (fails ? reject(new Error('store down')) : work().then(resolve, reject)),
          ms,
          'background',
        );
      });
    return {
      load: (id) => pass(() => this.durable.load(id)),
      save: (cursors) =>
        pass(() => {
          this.witness.saved(cursors, this.service.history);
          for (const cursor of cursors) this.stored.set(cursor.conversationId, cursor);
          return this.durable.save(cursors);
        }),
    };
  }

  // -- what happens -----------------------------------------------------------------------------------------------

  private async perform(action: Action): Promise<void> {
    const { service } = this;
    switch (action.kind) {
      case 'send':
        this.sent += 1;
        this.witness.note(`sent     ${service.send(action.conversation, 'peer').message.id}`);
        break;
      case 'own-send':
        this.ownSend(action.conversation, action.answer);
        break;
      case 'hide':
        this.witness.note(`hidden   ${service.hideLast(action.conversation)?.message.id}`);
        break;
      case 'mute':
        service.mute(action.conversation, action.on);
        break;
      case 'pause':
        service.pause(action.on);
        break;
      case 'network':
        service.network = action.mode;
        break;
      case 'drop-next':
        service.dropNext = action.count;
        break;
      case 'cut':
        service.cut();
        break;
      case 'half-open':
        service.halfOpen();
        break;
      case 'restart':
        service.goDown(action.downMs);
        break;
      case 'freeze':
        this.clock.freeze(action.ms);
        break;
      case 'crash':
        await this.crash(action.downMs);
        break;
      case 'rest':
        service.rest = action.mode;
        break;
      case 'handler':
        this.handlerMode = action.mode;
        break;
      case 'store':
        this.storeMode = action.mode;
        break;
    }
  }

  private ownSend(conversation: number, answer: 'early' | 'late' | 'lost'): void {
    const { clock, source } = this.life;
    const { message } = this.service.send(conversation, BOT);
    this.witness.note(`own send ${message.id} ${message.conversation_id}#${message.seq}`);
    if (answer === 'lost') return;
    clock.setTimer(
      () => source.sent(message),
      answer === 'early' ? 1 : this.rng.int(500, 6_000),
      'background',
    );
  }

  /** kill -9: the process is gone in the middle of whatever it did. */
  private async crash(downMs: number): Promise<void> {
    this.life.clock.alive = false;
    this.service.peerDied();
    // What a dead process was waiting for never comes.
    this.promises = [];
    this.settled = 0;
    if (!this.schedule.ackMode) this.excuseWhatLegacyModeLoses();
    await this.clock.advance(downMs);
    this.life = this.begin();
  }

  /**
   * Without acks the service forgets a message once it is written to a socket. What a dead process had not handled is
   * beyond any client, unless a stored cursor says where to look.
   */
  private excuseWhatLegacyModeLoses(): void {
    for (const { message, state } of this.service.inbox) {
      const known = this.stored.get(message.conversation_id);
      if (state === 'delivered' && known === undefined) this.witness.excused.add(message.id);
      if (known !== undefined && message.seq < known.floor) this.witness.excused.add(message.id);
    }
  }
}

/** Runs a schedule to its end, or to the first broken rule. */
export function run(schedule: Schedule): Promise<RunResult> {
  return new Simulation(schedule).run();
}
