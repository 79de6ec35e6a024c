/** What the heartbeat needs of a connection. */
export interface Pulse {
  ping(): void;
  /** No pong came in time. */
  lost(): void;
}

/** How often to ping, and how long to wait for the pong, in milliseconds. */
export interface HeartbeatTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** Pings at intervals and notices when nothing comes back. */
export class Heartbeat {
  readonly #pulse: Pulse;
  readonly #times: HeartbeatTimes;
  #timer: NodeJS.Timeout | undefined;

  constructor(pulse: Pulse, times: HeartbeatTimes) {
    this.#pulse = pulse;
    this.#times = times;
  }

  /** Begins a new interval: on connecting, and after each pong. */
  rest(): void {
    this.#arm(() => this.#ask(), this.#times.intervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #ask(): void {
    this.#arm(() => this.#pulse.lost(), this.#times.timeoutMs);
    this.#pulse.ping();
  }

  #arm(callback: () => void, delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(callback, delayMs);
    this.#timer.unref();
  }
}
