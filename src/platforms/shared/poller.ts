import { type Clock, systemClock } from '../../clock/index.js';
import { AbortedError } from '../../errors/index.js';
import { CallScope, type SignalRelay } from '../../http/index.js';

/** How something is asked for until it is done. */
export interface PollOptions<T> {
  /** Names what is waited for in messages. */
  label: string;
  /** Asks once. Its failures end the polling. */
  ask(): Promise<T>;
  isDone(state: T): boolean;
  /** The pauses before the second, third, ... time, in milliseconds. The last one is used from then on. */
  delaysMs: readonly number[];
  /** How long to go on, in milliseconds. 0: without end. */
  limitMs: number;
  signal?: AbortSignal | undefined;
  /** Listens once to a signal that many share. Default: one of its own. */
  signals?: SignalRelay | undefined;
  clock?: Clock | undefined;
}

/** How polling ended. */
export interface Polled<T> {
  /** What the last answer was. */
  readonly state: T;
  /** False when the time was over before it was done. */
  readonly done: boolean;
}

/**
 * Asks until it is done, or the time is over. An answer that is under way when the time is over is waited for.
 *
 * @throws AbortedError when the signal fires; what `ask` throws.
 */
export async function poll<T>(options: PollOptions<T>): Promise<Polled<T>> {
  const { label, ask, isDone, delaysMs, limitMs, signal, signals, clock = systemClock } = options;
  const scope = new CallScope(clock, signal, limitMs, signals);
  try {
    for (let round = 0; ; round += 1) {
      if (scope.interrupted?.kind === 'aborted') throw aborted(label, scope.interrupted.reason);
      const state = await ask();
      if (isDone(state)) return { state, done: true };
      const why = await scope.pause(delaysMs[Math.min(round, delaysMs.length - 1)] ?? 0);
      if (why?.kind === 'aborted') throw aborted(label, why.reason);
      if (why !== undefined) return { state, done: false };
    }
  } finally {
    scope.close();
  }
}

function aborted(label: string, cause: unknown): AbortedError {
  return new AbortedError({ message: `${label}: the waiting was aborted by its signal.`, cause });
}
