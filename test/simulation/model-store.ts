import type { Clock } from '../../src/clock/index.js';
import {
  type CursorStore,
  type DedupeStore,
  MemoryDedupeStore,
  MemoryStore,
  type StoredCursor,
} from '../../src/stores/index.js';
import type { VirtualClock } from '../support/virtual-clock.js';
import type { Rng } from './rng.js';
import type { StoreMode } from './schedule.js';

/** The bot's durable state, which outlives its processes, and everything that can go wrong with it. */
export class ModelStore {
  mode: StoreMode = 'ok';
  private readonly durable = new MemoryStore();

  constructor(
    private readonly clock: VirtualClock,
    private readonly rng: Rng,
    private readonly onLoaded: (cursor: StoredCursor) => void,
    private readonly onSaved: (cursors: readonly StoredCursor[]) => void,
  ) {}

  /** For one life of the bot: what a dead process had under way is never carried out. */
  openedBy(isAlive: () => boolean): CursorStore {
    return {
      load: (id) =>
        this.answer(isAlive, async () => {
          const cursor = await this.durable.load(id);
          if (cursor !== null) this.onLoaded(cursor);
          return cursor;
        }),
      unfinished: () =>
        this.answer(isAlive, async () => {
          const cursors = await this.durable.unfinished();
          for (const cursor of cursors) this.onLoaded(cursor);
          return cursors;
        }),
      save: (cursors) =>
        this.answer(isAlive, () => {
          this.onSaved(cursors);
          return this.durable.save(cursors);
        }),
    };
  }

  /** Claims of one life of the bot, which nobody shares with it: as troubled, and forgotten with the process. */
  claimsOf(isAlive: () => boolean, clock: Clock): DedupeStore {
    const memory = new MemoryDedupeStore({ clock, leaseMs: 60_000 });
    return {
      claim: (key) => this.answer(isAlive, () => memory.claim(key)),
      commit: (key, token) => this.answer(isAlive, () => memory.commit(key, token)),
      release: (key, token) => this.answer(isAlive, () => memory.release(key, token)),
      renew: (key, token) => this.answer(isAlive, () => memory.renew(key, token)),
    };
  }

  private answer<T>(isAlive: () => boolean, work: () => Promise<T>): Promise<T> {
    const { mode, rng } = this;
    return new Promise((resolve, reject) => {
      const hangs = mode === 'hanging' && rng.chance(0.5);
      if (hangs && rng.chance(0.5)) return;
      // What hangs may still be carried out, when nobody reckons with it any more.
      const ms = hangs ? rng.int(12_000, 90_000) : mode === 'slow' ? rng.int(100, 8_000) : rng.int(0, 5);
      const fails = mode === 'failing' && rng.chance(0.7);
      const come = () => {
        if (!isAlive()) return;
        if (fails) reject(new Error('the store is down'));
        else work().then(resolve, reject);
      };
      this.clock.setTimer(come, ms, 'background');
    });
  }
}
