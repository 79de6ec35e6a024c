import type { Clock } from '../../clock/index.js';

/** How long the rest of a body is thrown away, before and again after the answer. */
const LINGER_MS = 2_000;

/**
 * Waits while the rest of a body is read and thrown away. To answer and hang up at once would take the answer from every
 * sender that reads it only when it has sent all. On one that goes on for ever we hang up, after it was answered.
 *
 * @param end Settles when the body has ended or broken off.
 */
export function linger(end: Promise<unknown>, hangUp: () => void, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(() => {
      hangUpLater(hangUp, clock);
      resolve();
    }, LINGER_MS);
    const onEnd = () => {
      clock.clearTimer(timer);
      resolve();
    };
    end.then(onEnd, onEnd);
  });
}

/** When the answer has had time to be read. */
export function hangUpLater(hangUp: () => void, clock: Clock): void {
  clock.setTimer(hangUp, LINGER_MS, 'background');
}
