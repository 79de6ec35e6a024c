import { DEFAULT_BOUNDS } from '../../src/realtime/index.js';
import { AckWitness } from './ack-witness.js';
import { ConnectionWitness } from './connection-witness.js';
import { Facts } from './facts.js';
import { GapWitness } from './gap-witness.js';
import { HandlerWitness } from './handler-witness.js';
import { LONGEST_TURN_MS, LoopWitness } from './loop-witness.js';
import { MemoryWitness } from './memory-witness.js';
import { ModelNetwork } from './model-network.js';
import { ModelRest } from './model-rest.js';
import { type HowAcked, ModelService } from './model-service.js';
import { ModelStore } from './model-store.js';
import { RestWitness } from './rest-witness.js';
import { Rng } from './rng.js';
import type { HandlerMode, Schedule } from './schedule.js';
import { SteppingClock } from './stepping-clock.js';
import { keyOf, type Stored } from './stored.js';

/** Everything around the bot: time, the service, the store, and those who watch. It outlives the bot's processes. */
export class World {
  readonly clock: SteppingClock;
  readonly rng: Rng;
  readonly facts: Facts;
  readonly connectionWitness: ConnectionWitness;
  readonly handlerWitness: HandlerWitness;
  readonly ackWitness: AckWitness;
  readonly gapWitness: GapWitness;
  readonly memoryWitness: MemoryWitness;
  readonly loopWitness: LoopWitness;
  readonly restWitness: RestWitness;
  readonly network: ModelNetwork;
  readonly service: ModelService;
  readonly rest: ModelRest;
  readonly store: ModelStore;
  /** How the bot's handlers are at this hour. */
  handlerMode: HandlerMode = 'async';

  constructor(
    readonly schedule: Schedule,
    traced: boolean,
    onAcked: (stored: Stored, how: HowAcked) => void,
  ) {
    const { bounds, seed } = schedule;
    const clock = new SteppingClock({ seed });
    const rng = new Rng(seed ^ 0x5bd1e995);
    const facts = new Facts(() => clock.now(), traced);
    const historyOf = (id: string) => this.service.historyOf(id);
    this.clock = clock;
    this.rng = rng;
    this.facts = facts;
    this.connectionWitness = new ConnectionWitness(clock, facts, schedule.hasRest);
    this.handlerWitness = new HandlerWitness({
      facts,
      handlers: schedule.handlers,
      // A claim takes time of the slot before any handler is seen: how many slots are taken is still counted.
      concurrency: schedule.hasClaims
        ? Number.POSITIVE_INFINITY
        : (bounds.concurrency ?? DEFAULT_BOUNDS.concurrency),
      absurdSeqDistance: bounds.absurdSeqDistance ?? DEFAULT_BOUNDS.absurdSeqDistance,
      hasRest: schedule.hasRest,
      parks: parksOf(schedule),
      now: () => clock.now(),
      historyOf,
      onHandled: (message) => {
        if (this.service.awaitsAck(message.id)) this.loopWitness.handled(keyOf(message));
      },
    });
    this.ackWitness = new AckWitness(facts, schedule.hasStore, bounds.missing !== undefined, historyOf);
    this.gapWitness = new GapWitness({
      facts,
      gapGiveUpMs: schedule.gapGiveUpMs,
      hasRest: schedule.hasRest,
      forgets: bounds.missing !== undefined,
      historyOf,
      historyRefused: () => this.rest.hasRefused,
      onStray: (id, seq) => this.handlerWitness.strayReported(id, seq),
    });
    this.memoryWitness = new MemoryWitness(facts, schedule);
    this.loopWitness = new LoopWitness(
      {
        facts,
        now: () => clock.now(),
        takesAcks: () => this.connectionWitness.hasSession && this.network.ackMode,
      },
      schedule,
    );
    clock.onTurn = () => this.loopWitness.turned();
    this.network = new ModelNetwork(clock, rng, schedule, facts, this.connectionWitness);
    this.service = new ModelService(clock, rng, schedule, this.network, (stored, how) => {
      this.ackWitness.acked(stored, how);
      this.loopWitness.acked(keyOf(stored.message));
      onAcked(stored, how);
    });
    const perSecond = bounds.backgroundRequestsPerSecond ?? DEFAULT_BOUNDS.backgroundRequestsPerSecond;
    const isBusy = schedule.actions.some(
      (action) => action.kind === 'handler' && action.mode.startsWith('busy'),
    );
    this.restWitness = new RestWitness(clock, facts, perSecond, isBusy ? LONGEST_TURN_MS : 0);
    this.rest = new ModelRest(clock, rng, this.service, this.network, this.restWitness);
    this.store = new ModelStore(
      clock,
      rng,
      (cursor) => this.handlerWitness.restored(cursor.conversationId, cursor.expected),
      (cursors) => this.ackWitness.saved(cursors),
    );
  }

  /** A handler works, and the process does nothing else meanwhile. */
  toil(ms: number): void {
    this.clock.freeze(ms);
    this.connectionWitness.froze(ms);
    this.loopWitness.used(ms);
  }

  calmDown(): void {
    this.network.calmDown();
    this.service.calmDown();
    this.rest.calmDown();
    this.store.mode = 'ok';
    this.handlerMode = 'sync';
  }
}

function parksOf({ deadLetter, onHandlerFailure, bounds }: Schedule): 'all' | 'few' | 'none' {
  if (deadLetter !== 'none' || onHandlerFailure === 'block') return 'none';
  return bounds.parked === undefined ? 'all' : 'few';
}
