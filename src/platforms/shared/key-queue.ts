/** Lets one at a time through for each key, in the order in which they came. */
export class KeyQueue {
  /** Of each key that is in use, when the last one who came will be through. */
  readonly #lasts = new Map<string, Promise<void>>();

  /**
   * Waits for its turn.
   *
   * @returns Ends the turn; `undefined` when the signal fired first: then there was none.
   */
  async enter(key: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    const before = this.#lasts.get(key);
    let leave: () => void = () => {};
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const last = before === undefined ? mine : before.then(() => mine);
    this.#lasts.set(key, last);
    void last.then(() => {
      if (this.#lasts.get(key) === last) this.#lasts.delete(key);
    });
    if (before !== undefined) await Promise.race([before, fired(signal)]);
    if (!signal.aborted) return leave;
    leave();
    return undefined;
  }
}

/** Resolves when the signal has fired. For a signal of one's own: the listener stays. */
export function fired(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
