import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError } from '../errors/index.js';
import type { Listener } from './listener.js';
import type { Restart, Restartable } from './restart.js';

const GOING_AWAY = { code: 1001, reason: 'The server is closed' };
const SERVICE_RESTART = { code: 1012, reason: 'Service restart' };

/** Whether the server is up: one restart after the other, and an end that cuts a restart short. */
export class Running implements Restartable {
  readonly #listener: Listener;
  readonly #ending = new AbortController();
  #port = 0;
  /** The restarts so far. Never rejects. */
  #restarts: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  async open(port: number): Promise<number> {
    this.#port = await this.#listener.open(port);
    return this.#port;
  }

  /** A close that comes in between ends the restart; the server then stays down. */
  async restart(how: Restart): Promise<void> {
    if (this.#ending.signal.aborted) {
      throw new ConnectionError({
        message: 'The local server was closed: start another one.',
        outcome: 'not_sent',
      });
    }
    const restarted = this.#restarts.then(() => this.#restart(how));
    this.#restarts = restarted.catch(() => undefined);
    await restarted;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #restart({ downMs, abrupt }: Restart): Promise<void> {
    const { signal } = this.#ending;
    if (signal.aborted) return;
    await this.#listener.close(abrupt ? 'abrupt' : SERVICE_RESTART);
    if (downMs > 0) await sleep(downMs, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) await this.#listener.reopen(this.#port);
  }

  async #close(): Promise<void> {
    this.#ending.abort();
    await this.#restarts;
    await this.#listener.close(GOING_AWAY);
  }
}
