import type { Clock } from '../../../src/clock/index.js';
import { StoreError } from '../../../src/errors/index.js';
import type { Change, StoreDriver, Version } from '../../../src/stores/driver.js';
import { MemoryDriver } from '../../../src/stores/memory/memory-driver.js';
import type { VirtualClock } from '../../support/virtual-clock.js';
import type { Rng } from '../rng.js';
import type { ModelProcess } from './model-process.js';
import type { ReplicaSchedule, SharedStoreMode } from './schedule.js';

/** The longest way of a request or an answer when all is well. */
const WAY_MS = 5;
/** After so long a client of the store gives a call up. */
const TIMEOUT_MS = 5_000;
/** A call that was given up may be carried out so late. */
export const LATEST_MS = 20_000;

/** The clock of the store's server. Only how much time has passed counts. */
class ServerClock implements Clock {
  constructor(
    private readonly clock: VirtualClock,
    private readonly rate: number,
    private readonly aheadMs: number,
  ) {}

  now = () => this.aheadMs + this.clock.now() * this.rate;
  wallNow = () => this.clock.wallNow();
  random = () => this.clock.random();
  setTimer = (callback: () => void, delayMs: number) => this.clock.setTimer(callback, delayMs / this.rate);
  clearTimer = (timer: unknown) => this.clock.clearTimer(timer);
  defer = (callback: () => void) => this.clock.defer(callback);
}

/** The store that all replicas reach, and everything that can go wrong with it. */
export class SharedStore {
  mode: SharedStoreMode = 'ok';
  /** Whether notices get through. */
  tells = true;
  /** Processes that do not reach it. */
  readonly cutOff = new Set<ModelProcess>();
  readonly clock: Clock;
  private readonly driver: MemoryDriver;
  private readonly hearers = new Map<(text: string) => void, ModelProcess>();

  constructor(
    private readonly world: VirtualClock,
    private readonly rng: Rng,
    private readonly schedule: ReplicaSchedule,
    /** Told of every write that got through. */
    private readonly onWritten: (by: ModelProcess, changes: readonly Change[], version: Version) => void,
  ) {
    this.clock = new ServerClock(world, schedule.storeRate, schedule.storeAheadMs);
    this.driver = new MemoryDriver(this.clock);
  }

  get isWell(): boolean {
    return this.mode === 'ok' && this.cutOff.size === 0;
  }

  /** How one process reaches it. */
  connectionOf(process: ModelProcess): StoreDriver {
    const { driver } = this;
    return {
      engine: 'shared',
      isShared: true,
      get: (keys) => this.reach(process, () => driver.get(keys)),
      list: (prefix, after, limit) => this.reach(process, () => driver.list(prefix, after, limit)),
      write: (changes) =>
        this.reach(process, async () => {
          const version = await driver.write(changes);
          if (version !== null) this.onWritten(process, changes, version);
          return version;
        }),
      notify: (_topic, text) => this.reach(process, async () => this.tell(text)),
      listen: async (_topic, hear) => {
        this.hearers.set(hear, process);
        return async () => {
          this.hearers.delete(hear);
        };
      },
      close: async () => {},
    };
  }

  private tell(text: string): void {
    if (!this.tells) return;
    for (const [hear, process] of this.hearers) {
      if (this.cutOff.has(process)) continue;
      this.world.setTimer(() => process.hear(() => hear(text)), this.rng.int(1, 30), 'background');
    }
  }

  private reach<T>(from: ModelProcess, work: () => Promise<T>): Promise<T> {
    const { mode, rng } = this;
    return new Promise((resolve, reject) => {
      // A killed process asks nothing more.
      if (!from.isAlive()) return;
      const fail = (fault: 'unreachable' | 'timeout', ms: number) => {
        this.later(ms, () => from.hear(() => reject(new StoreError({ engine: 'shared', fault }))));
      };
      const isLost = mode === 'cut' && rng.chance(0.5);
      const hangs = mode === 'hanging' && rng.chance(0.4);
      if (hangs) fail('timeout', TIMEOUT_MS);
      if (mode === 'down' || this.cutOff.has(from) || (isLost && rng.chance(0.5))) {
        fail('unreachable', rng.int(1, 50));
        return;
      }
      if (hangs && rng.chance(0.5)) return;
      const arrive = async () => {
        // What a process had sent when it was killed may arrive.
        if (!from.isAlive() && rng.chance(0.5)) return;
        if (this.mode === 'down') {
          fail('unreachable', 1);
          return;
        }
        const answer = await work();
        if (isLost) fail('unreachable', 1);
        else if (!hangs) this.later(this.wayMs(), () => from.hear(() => resolve(answer)));
      };
      this.later(hangs ? rng.int(0, LATEST_MS) : this.wayMs(), () => void arrive());
    });
  }

  private wayMs(): number {
    return this.mode === 'slow' ? this.rng.int(20, this.schedule.leaseMs / 2) : this.rng.int(0, WAY_MS);
  }

  private later(ms: number, work: () => void): void {
    this.world.setTimer(work, ms, 'background');
  }
}
