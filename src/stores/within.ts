import type { Clock } from '../clock/index.js';

/**
 * Waits for a promise, but for so long only.
 *
 * @param late What is thrown when the time is over.
 * @param unwanted Gets what came too late, to give it back.
 */
export function within<T>(
  clock: Clock,
  ms: number,
  promise: Promise<T>,
  late: () => Error,
  unwanted: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const timer = clock.setTimer(() => {
      isOver = true;
      reject(late());
    }, ms);
    promise.then(
      (value) => {
        clock.clearTimer(timer);
        if (isOver) unwanted(value);
        else resolve(value);
      },
      (error: unknown) => {
        clock.clearTimer(timer);
        reject(error);
      },
    );
  });
}
