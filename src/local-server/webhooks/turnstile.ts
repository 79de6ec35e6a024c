/** Lets so many go in at a time. The others wait in line. */
export class Turnstile {
  readonly #most: number;
  readonly #line: (() => void)[] = [];
  #inside = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when there is room. */
  enter(): Promise<void> {
    if (this.#inside < this.#most) {
      this.#inside += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => this.#line.push(resolve));
  }

  /** Makes room for the next. */
  leave(): void {
    const next = this.#line.shift();
    if (next === undefined) this.#inside -= 1;
    else next();
  }
}
