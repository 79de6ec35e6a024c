/** The numbers of a moment. */
export interface Moment {
  sent: number;
  handled: number;
  target: number;
  state: string;
}

/** Where output goes: `process.stdout`, or a collector in a test. */
export interface Screen {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 3_000;
const BAR_WIDTH = 24;

/** One line that moves on a terminal; a line every few seconds anywhere else. News stands above it, and stays. */
export class Progress {
  readonly #screen: Screen;
  readonly #read: () => Moment;
  readonly #live: boolean;
  #timer: ReturnType<typeof setInterval> | undefined;
  #startedAt = performance.now();

  constructor(screen: Screen, read: () => Moment) {
    this.#screen = screen;
    this.#read = read;
    this.#live = screen.isTTY === true;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#timer = setInterval(() => this.#show(), this.#live ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS);
  }

  /** Shows where things stand for the last time. A second call does nothing. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#show();
    if (this.#live) this.#screen.write('\n');
  }

  /** Something happened that is worth a line of its own. */
  news(text: string): void {
    this.#screen.write(`${this.#live ? '\r\u001b[K' : ''}${this.#time()}  ${text}\n`);
  }

  #time(): string {
    return `${((performance.now() - this.#startedAt) / 1_000).toFixed(1).padStart(5)} s`;
  }

  #show(): void {
    const { sent, handled, target, state } = this.#read();
    const text = `${state}  sent ${sent}  handled ${handled} of ${target}`;
    if (!this.#live) {
      this.#screen.write(`${this.#time()}  ${text}\n`);
      return;
    }
    const full = Math.round((BAR_WIDTH * Math.min(handled, target)) / target);
    const line = `${this.#time()}  [${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]  ${text}`;
    this.#screen.write(`\r${line.slice(0, (this.#screen.columns || 80) - 1)}\u001b[K`);
  }
}
