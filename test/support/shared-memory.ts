import { StoreError } from '../../src/errors/index.js';
import type { StoreDriver } from '../../src/stores/driver.js';
import { MemoryDriver } from '../../src/stores/memory/memory-driver.js';

/** The way of one client to the store. */
export interface Connection {
  readonly driver: StoreDriver;
  cut: boolean;
}

/** One store in memory that several clients of a test have, as if they were processes. Each has a way to it that can be cut. */
export class SharedMemory {
  readonly #driver = new MemoryDriver();
  readonly #hearers = new Set<(topic: string, text: string) => void>();
  /** Whether those who tell something are heard. */
  tells = true;

  connect(): Connection {
    const connection: Connection = { driver: this.#driverFor(() => connection.cut), cut: false };
    return connection;
  }

  #driverFor(isCut: () => boolean): StoreDriver {
    const reach = async <T>(work: () => Promise<T>): Promise<T> => {
      if (isCut()) throw new StoreError({ engine: 'shared', fault: 'unreachable' });
      return work();
    };
    return {
      engine: 'shared',
      isShared: true,
      get: (keys) => reach(() => this.#driver.get(keys)),
      write: (changes) => reach(() => this.#driver.write(changes)),
      list: (prefix, after, limit) => reach(() => this.#driver.list(prefix, after, limit)),
      notify: (topic, text) =>
        reach(async () => {
          if (this.tells) for (const hear of [...this.#hearers]) setImmediate(() => hear(topic, text));
        }),
      listen: async (topic, hear) => {
        const hearer = (at: string, text: string) => {
          if (at === topic && !isCut()) hear(text);
        };
        this.#hearers.add(hearer);
        return async () => {
          this.#hearers.delete(hearer);
        };
      },
      close: async () => {},
    };
  }
}
