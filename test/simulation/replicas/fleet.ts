import type { Message } from '../../../src/wire/index.js';
import { BOT, keyOf, type Stored } from '../stored.js';
import { Replica } from './replica.js';
import type { ReplicasWorld } from './replicas-world.js';

/** More processes than that run at no time. */
const MOST_REPLICAS = 4;
/** REP-5: after a kill, and after a graceful stop. */
export const LEASES_TO_TAKE_OVER = 2;
const GRACEFUL_MS = 1_000;

/** The replicas that run, and how they come and go. */
export class Fleet {
  private readonly running: Replica[] = [];
  private started = 0;
  /** The one reply to each message, however often its handler runs: its id is derived from the message. */
  private readonly replies = new Map<string, Stored>();

  constructor(readonly world: ReplicasWorld) {}

  /** Every replica whose process lives. */
  get replicas(): readonly Replica[] {
    return this.running;
  }

  /** Numbers are counted round, so that each means somebody. */
  chosen(replica: number): Replica | undefined {
    return this.running[replica % Math.max(this.running.length, 1)];
  }

  join(): Replica | null {
    if (this.running.length >= MOST_REPLICAS) return null;
    const label = `r${this.started}`;
    this.started += 1;
    const replica = new Replica(this.world, label, (from, message) => this.reply(from, message));
    this.running.push(replica);
    replica.connect();
    return replica;
  }

  kill(replica: Replica): void {
    const { leases, store } = this.world;
    const held = leases.heldBy(replica.process);
    this.running.splice(this.running.indexOf(replica), 1);
    replica.kill();
    this.world.leavesGhost();
    if (!store.isWell || !this.running.some(({ isSteady }) => isSteady)) return;
    const withinMs = LEASES_TO_TAKE_OVER * this.world.schedule.leaseMs;
    leases.expectTaken('REP-5', `two leases after ${replica.process.label} was killed`, held, withinMs);
  }

  /** REP-5: when it is over, the others have a second. */
  stop(replica: Replica, deadlineMs: number, pauseMs: number | null): void {
    const { world } = this;
    const { leases, store, clock, lastTroubleAt, facts } = world;
    const held = leases.heldBy(replica.process);
    const others = this.running.filter((other) => other !== replica);
    const areWell = () =>
      store.isWell &&
      store.tells &&
      clock.now() >= world.ghostsUntil &&
      others.every(({ isSteady }) => isSteady);
    const wereWell = replica.isSteady && areWell();
    void replica.stop(deadlineMs, pauseMs).then(() => {
      facts.note(() => `stopped  ${replica.process.label}`);
      if (!store.isWell) world.leavesGhost();
      const isQuiet = world.lastTroubleAt === lastTroubleAt && others.length > 0;
      if (!wereWell || !areWell() || !isQuiet) return;
      const why = `a second after ${replica.process.label} was stopped`;
      leases.expectTaken('REP-5', why, held, GRACEFUL_MS);
    });
  }

  stall({ process }: Replica, ms: number): void {
    process.stall();
    const goOn = () => {
      this.world.facts.note(() => `goes on  ${process.label}`);
      this.world.disturbed();
      process.goOn();
    };
    this.world.clock.setTimer(goOn, ms, 'background');
  }

  cutFromStore({ process }: Replica, ms: number): void {
    const { store, clock } = this.world;
    store.cutOff.add(process);
    const over = () => {
      this.world.disturbed();
      store.cutOff.delete(process);
    };
    clock.setTimer(over, ms, 'background');
  }

  private reply(replica: Replica, message: Message): Promise<void> {
    const { service, rng, clock } = this.world;
    const key = keyOf(message);
    const stored = this.replies.get(key) ?? service.send(Number(message.conversation_id.slice(5)), BOT);
    this.replies.set(key, stored);
    const isLost = rng.chance(0.2);
    return new Promise((resolve, reject) => {
      const come = () => {
        if (isLost) reject(new Error('no response'));
        else {
          replica.source.sent(stored.message);
          resolve();
        }
      };
      clock.setTimer(() => replica.process.hear(come), rng.int(2, 400), 'background');
    });
  }
}
