import type { Clock } from '../../clock/index.js';
import { StoreError } from '../../errors/index.js';
import { within } from '../within.js';
import { ENGINE, faultOf, isNotConnected } from './faults.js';
import { COMMAND_MS, type Connect, type RedisConnection } from './ioredis.js';

/** `ioredis` bounds a command itself; this catches what it has not sent. */
const MOST_MS = COMMAND_MS + 500;

/** One connection to Redis, which comes back by itself. What is asked of it meanwhile fails with an error that says what to do. */
export class Connection {
  readonly #redis: RedisConnection;
  readonly #secrets: readonly string[];
  readonly #clock: Clock;
  readonly #running = new Set<Promise<unknown>>();
  /** Why it is not connected, if it is not. */
  #trouble: unknown;
  #closing: Promise<void> | undefined;

  constructor(connect: Connect, secrets: readonly string[], clock: Clock) {
    this.#redis = connect();
    this.#secrets = secrets;
    this.#clock = clock;
    this.#redis.on('error', (error) => {
      this.#trouble = error;
    });
  }

  /** @throws StoreError */
  async open(): Promise<void> {
    await this.run((redis) => redis.connect());
  }

  /**
   * Asks something.
   *
   * @throws StoreError
   */
  run<T>(ask: (redis: RedisConnection) => Promise<T>): Promise<T> {
    const running = this.runOn(ask);
    this.#running.add(running);
    const over = () => this.#running.delete(running);
    running.then(over, over);
    return running;
  }

  onMessage(hear: (notice: string) => void): void {
    this.#redis.on('message', (_channel, notice) => hear(notice));
  }

  /** It gave no answer: another one may. */
  replace(): void {
    this.#redis.disconnect(true);
  }

  /** Waits for what runs, and lets the connection go. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#running).then(() => this.#redis.disconnect());
    return this.#closing;
  }

  private async runOn<T>(ask: (redis: RedisConnection) => Promise<T>): Promise<T> {
    const late = () => new StoreError({ engine: ENGINE, fault: 'timeout' });
    try {
      const answer = await within(this.#clock, MOST_MS, ask(this.#redis), late);
      this.#trouble = undefined;
      return answer;
    } catch (error) {
      throw faultOf(isNotConnected(error) ? (this.#trouble ?? error) : error, this.#secrets);
    }
  }
}
