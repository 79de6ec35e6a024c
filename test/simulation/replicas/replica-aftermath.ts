import { isOwed, keyOf, PEER } from '../stored.js';
import { type Fleet, LEASES_TO_TAKE_OVER } from './fleet.js';
import type { Replica } from './replica.js';

/** Two at least, so that somebody can take over. */
const LEAST_REPLICAS = 2;
/** Beside the leases: reconnecting, the patience of the handlers' retries, and looks for what no notice has told of. */
const SOON_MS = 3 * 60_000;
/** Parked messages come back after a minute, two, four. */
const AT_LAST_MS = 30 * 60_000;
const LOOK_MS = 500;
const RESTART_MS = 500;
/** In the middle of handlers and frames. */
const AT_WORK_MS = 12;
const QUIET_MS = 3_000;
/** CATCH-2: a request that hangs is given up after so long. */
const HANGS_MS = 65_000;
/** Reading the queue, and gaps that wait whether they close by themselves. */
const READ_MS = 4_000;
/** REP-4. */
const RECONCILE_MS = 15_000;

const HANGING: ReadonlySet<string> = new Set(['hanging', 'mixed']);

/** What must hold once the trouble is over: all that is owed arrives, and replicas go as they should. */
export class ReplicaAftermath {
  constructor(private readonly fleet: Fleet) {}

  async run(): Promise<void> {
    const { world } = this.fleet;
    const { facts, schedule } = world;
    world.calmDown();
    for (const replica of this.fleet.replicas) {
      replica.process.goOn();
      // Handlers that hang end with their client's life.
      if (world.works.isAtWork(replica.process)) this.fleet.stop(replica, 0, RESTART_MS);
    }
    while (this.fleet.replicas.length < LEAST_REPLICAS) this.fleet.join();
    const soonMs = SOON_MS + 2 * schedule.leaseMs;
    await this.wait(soonMs, () => this.open((key) => !facts.exhausted.has(key)).length === 0);
    this.judge((key) => !facts.exhausted.has(key));
    await this.wait(AT_LAST_MS, () => this.open(() => true).length === 0);
    this.judge(() => true);
    if (!facts.isBroken) await this.part('kill');
    if (!facts.isBroken) await this.part('stop');
    if (!facts.isBroken) await this.end();
  }

  /** REP-5: one of them goes in the middle of its work, and others have what was its. */
  private async part(how: 'kill' | 'stop'): Promise<void> {
    const { world } = this.fleet;
    const { clock, schedule, leases, rng } = world;
    await this.allSteady();
    await clock.advance(this.mayHang ? HANGS_MS : QUIET_MS);
    world.handlerMode = 'async';
    this.sendToAll();
    await clock.advance(AT_WORK_MS);
    const leaving = rng.pick(this.fleet.replicas);
    world.facts.note(() => `parting  ${how} ${leaving.process.label}`);
    world.disturbed();
    const held = leases.heldBy(leaving.process);
    if (how === 'kill') this.fleet.kill(leaving);
    else this.fleet.stop(leaving, 10_000, null);
    const withinMs = LEASES_TO_TAKE_OVER * schedule.leaseMs;
    const takenBy = clock.now() + withinMs + 1;
    await this.wait(withinMs, () => leases.allHeld);
    // REP-5: the queue is read when a partition is taken, and not with the next look for what was lost.
    const wasTaken = (key: string) => held.includes(leases.partitionOf(key.replace(/#.*/, '')));
    await this.wait(READ_MS, () => this.open(wasTaken).length === 0);
    this.judge(wasTaken);
    // REP-4: what was pushed to the one that has gone, the owners of the rest find with their next look.
    await this.wait(RECONCILE_MS + READ_MS, () => this.open(() => true).length === 0);
    this.judge(() => true);
    await clock.advanceTo(Math.max(takenBy, clock.now()));
    if (how === 'stop') {
      this.judgeEnd(leaving);
      leaving.connect();
    } else this.fleet.join();
  }

  /** STOP-1: all of them stop. What was begun is finished and saved, and nothing runs afterwards. */
  private async end(): Promise<void> {
    const { world, replicas } = this.fleet;
    await this.allSteady();
    this.sendToAll();
    await world.clock.advance(AT_WORK_MS);
    for (const replica of replicas) this.fleet.stop(replica, 5_000, null);
    await world.clock.advance(20_000);
    for (const replica of replicas) this.judgeEnd(replica);
    for (const { process } of replicas) {
      const [held] = world.leases.heldBy(process);
      if (held !== undefined)
        world.facts.object('REP-5', `${process.label} has partition ${held} after its stop`);
    }
  }

  private judgeEnd({ process, unsettled }: Replica): void {
    const { facts } = this.fleet.world;
    if (unsettled > 0) facts.object('STOP-1', `${unsettled} promises of ${process.label} never settled`);
    if (process.pending > 0)
      facts.object('STOP-1', `${process.pending} timers of ${process.label} are left after the stop`);
  }

  /** Whether a request to REST may still hang. */
  private get mayHang(): boolean {
    const { actions } = this.fleet.world.schedule;
    return actions.some((action) => action.kind === 'rest' && HANGING.has(action.mode));
  }

  private sendToAll(): void {
    const { service, schedule } = this.fleet.world;
    for (let n = 0; n < 2 * schedule.conversations; n += 1) service.send(n % schedule.conversations, PEER);
  }

  private async allSteady(): Promise<void> {
    const { world } = this.fleet;
    const { leases, schedule } = world;
    const isSettled = () => leases.allHeld && this.fleet.replicas.every(({ isSteady }) => isSteady);
    await this.wait(SOON_MS + 2 * schedule.leaseMs, isSettled);
    if (!isSettled()) world.facts.object('REP-7', 'the replicas do not go on by themselves');
  }

  private async wait(limitMs: number, isDone: () => boolean): Promise<void> {
    const { clock, facts } = this.fleet.world;
    for (let waited = 0; waited < limitMs && !isDone() && !facts.isBroken; waited += LOOK_MS)
      await clock.advance(LOOK_MS);
  }

  /** Keys of what is owed and has not been acknowledged. */
  private open(which: (key: string) => boolean): string[] {
    const { service, facts } = this.fleet.world;
    return service.inbox.flatMap((stored) => {
      const key = keyOf(stored.message);
      const isOver = stored.state === 'delivered' || facts.named.has(key);
      return isOwed(stored) && !isOver && which(key) ? [key] : [];
    });
  }

  private judge(which: (key: string) => boolean): void {
    const { facts } = this.fleet.world;
    for (const key of this.open(which)) {
      if (facts.handled.has(key)) facts.object('ACK-1', `${key} was handled and never acknowledged`);
      else facts.object('LOST', key);
    }
  }
}
