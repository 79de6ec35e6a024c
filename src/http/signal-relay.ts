interface Relay {
  readonly callbacks: Set<(reason: unknown) => void>;
  readonly onAbort: () => void;
}

/**
 * Listens once to each signal, however many calls share it. One signal for a whole program, or for all handlers of a
 * bot, is normal; Node takes more than ten listeners on a signal for a leak and warns.
 */
export class SignalRelay {
  /** Made for the first signal: most clients never see one. */
  #relays: WeakMap<AbortSignal, Relay> | null = null;

  /** Calls `callback` when the signal fires, which it has not yet. Returns its off; the last one leaves nothing behind. */
  listen(signal: AbortSignal, callback: (reason: unknown) => void): () => void {
    const relay = this.#relays?.get(signal) ?? this.#open(signal);
    // An entry of its own, so that one function may listen twice.
    const entry = (reason: unknown) => callback(reason);
    relay.callbacks.add(entry);
    return () => {
      if (!relay.callbacks.delete(entry) || relay.callbacks.size > 0) return;
      signal.removeEventListener('abort', relay.onAbort);
      if (this.#relays?.get(signal) === relay) this.#relays.delete(signal);
    };
  }

  #open(signal: AbortSignal): Relay {
    const callbacks = new Set<(reason: unknown) => void>();
    const onAbort = () => {
      for (const callback of [...callbacks]) callback(signal.reason);
    };
    const relay = { callbacks, onAbort };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#relays ??= new WeakMap();
    this.#relays.set(signal, relay);
    return relay;
  }
}
