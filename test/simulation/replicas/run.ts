import type { RunResult } from '../run.js';
import { BOT, keyOf, PEER, type Stored } from '../stored.js';
import { Fleet } from './fleet.js';
import type { Replica } from './replica.js';
import { ReplicaAftermath } from './replica-aftermath.js';
import { ReplicasWorld } from './replicas-world.js';
import type { ReplicaAction, ReplicaSchedule, TroubleOfOne } from './schedule.js';

/** One schedule with several replicas, carried out. */
class ReplicaSimulation {
  private readonly world: ReplicasWorld;
  private readonly fleet: Fleet;

  constructor(
    private readonly schedule: ReplicaSchedule,
    traced: boolean,
  ) {
    this.world = new ReplicasWorld(schedule, traced);
    this.fleet = new Fleet(this.world);
    this.world.clock.onStep = () => this.check();
  }

  async run(): Promise<RunResult> {
    const { facts, service } = this.world;
    try {
      await this.perform();
    } catch (error) {
      facts.object('THROWN', error instanceof Error ? String(error.stack) : String(error));
    }
    const { violations, trace, handled } = facts;
    return { violations, trace, handled: handled.size, sent: service.inbox.length };
  }

  private async perform(): Promise<void> {
    const { clock, facts } = this.world;
    for (let n = 0; n < this.schedule.replicas; n += 1) this.fleet.join();
    for (const action of this.schedule.actions) {
      if (action.at > clock.now()) await clock.advanceTo(action.at);
      if (facts.isBroken) return;
      facts.note(() => `action   ${JSON.stringify(action)}`);
      this.act(action);
      await clock.settle();
    }
    await new ReplicaAftermath(this.fleet).run();
  }

  /** The invariants that hold at every moment. */
  private check(): void {
    const { facts, works, leases } = this.world;
    if (facts.isBroken) return;
    works.check();
    leases.check();
    for (const replica of this.fleet.replicas) replica.check();
  }

  // -- what happens -----------------------------------------------------------------------------------------------

  private act(action: ReplicaAction): void {
    const { world, fleet } = this;
    const { service, network, rest, store } = world;
    switch (action.kind) {
      case 'send':
        this.sent(service.send(action.conversation, PEER));
        break;
      case 'burst':
        this.burst(action);
        break;
      case 'notice':
        this.sent(service.notice(action.conversation));
        break;
      case 'own-send':
        this.ownSend(action);
        break;
      case 'network':
        world.disturbed();
        network.mode = action.mode;
        break;
      case 'drop-next':
        network.dropNext = action.count;
        break;
      case 'rest':
        rest.mode = action.mode;
        break;
      case 'handler':
        world.handlerMode = action.mode;
        break;
      case 'store':
        world.disturbed();
        store.mode = action.mode;
        break;
      case 'notices':
        world.disturbed();
        store.tells = action.on;
        break;
      case 'join':
        world.disturbed();
        fleet.join();
        break;
      default:
        this.actOn(fleet.chosen(action.replica), action);
    }
  }

  /** Something happens to one of them. */
  private actOn(replica: Replica | undefined, action: TroubleOfOne): void {
    if (replica === undefined) return;
    const { world, fleet } = this;
    const { network, clock } = world;
    world.disturbed();
    switch (action.kind) {
      case 'cut':
        network.cut(replica.process);
        break;
      case 'half-open':
        network.halfOpen(replica.process);
        break;
      case 'deaf':
        network.deafen(replica.process, action.ms);
        break;
      case 'store-cut':
        fleet.cutFromStore(replica, action.ms);
        break;
      case 'stall':
        fleet.stall(replica, action.ms);
        break;
      case 'kill':
        fleet.kill(replica);
        clock.setTimer(() => fleet.join(), action.downMs, 'background');
        break;
      case 'stop':
        fleet.stop(replica, action.deadlineMs, action.pauseMs);
        break;
    }
  }

  private sent(stored: Stored): void {
    this.world.facts.note(() => `sent     ${stored.message.id} ${keyOf(stored.message)}`);
  }

  private burst({ conversation, count, lose }: Extract<ReplicaAction, { kind: 'burst' }>): void {
    const { service, network } = this.world;
    const lost = { none: -1, first: 0, middle: count >> 1, last: count - 1 }[lose];
    for (let n = 0; n < count; n += 1) {
      if (n === lost) network.dropNext += 1;
      this.sent(service.send(conversation, PEER));
    }
  }

  private ownSend({ replica, conversation, answer }: Extract<ReplicaAction, { kind: 'own-send' }>): void {
    const { service, clock, rng } = this.world;
    const stored = service.send(conversation, BOT);
    this.sent(stored);
    const sender = this.fleet.chosen(replica);
    if (sender === undefined || answer === 'lost') return;
    const come = () => sender.process.hear(() => sender.source.sent(stored.message));
    clock.setTimer(come, answer === 'early' ? 1 : rng.int(500, 6_000), 'background');
  }
}

/** What a setting may be made simpler to. */
export const PLAIN_REPLICAS: readonly Partial<ReplicaSchedule>[] = [
  { bounds: {} },
  { replicas: 2 },
  { partitions: 2 },
  { storeRate: 1 },
  { storeAheadMs: 0 },
  { echo: false },
  { backlog: false },
  { pushTo: 'all' },
];

/** Runs a schedule to its end, or to the first broken rule. Traced runs take longer and are the same. */
export async function runReplicas(schedule: ReplicaSchedule, { traced = false } = {}): Promise<RunResult> {
  const { stackTraceLimit } = Error;
  // Thousands of errors are made in trouble, and nobody reads where.
  if (!traced) Error.stackTraceLimit = 0;
  try {
    return await new ReplicaSimulation(schedule, traced).run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
