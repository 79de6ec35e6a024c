/** The exit codes that a shell gives for a process which a signal has ended: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

interface MaybeProcess {
  process?: {
    on?(name: Signal, listener: () => void): unknown;
    off?(name: Signal, listener: () => void): unknown;
    exit?(code: number): unknown;
  };
}

export interface SignalWatch {
  /** Resolves when the stop is over that a signal began; at once when none has come. */
  readonly stopped: Promise<void>;
  /** Signals do what they did before, unless a stop is under way: then a second one still ends the process. */
  end(): void;
}

/** Calls `stop` at the first SIGTERM or SIGINT, and ends the process at the second. Where there are no signals it does nothing. */
export function untilSignal(stop: () => Promise<void>): SignalWatch {
  const { process } = globalThis as MaybeProcess;
  let stopping: Promise<void> | null = null;
  const listeners = (Object.keys(EXIT_CODES) as Signal[]).map((name) => {
    const listener = () => {
      if (stopping !== null) process?.exit?.(EXIT_CODES[name]);
      stopping ??= stop();
    };
    process?.on?.(name, listener);
    return { name, listener };
  });
  const remove = () => {
    for (const { name, listener } of listeners) process?.off?.(name, listener);
  };
  return {
    get stopped() {
      return stopping ?? Promise.resolve();
    },
    end() {
      if (stopping === null) remove();
      else void stopping.finally(remove).catch(() => {});
    },
  };
}
