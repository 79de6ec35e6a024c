import type { Clock } from '../../clock/index.js';
import { AbortedError } from '../../errors/index.js';
import { CallScope } from '../../http/index.js';

/** Waits. @throws AbortedError when the signal fires before that. */
export async function pause(
  clock: Clock,
  delayMs: number,
  signal: AbortSignal | undefined,
  label: string,
): Promise<void> {
  const scope = new CallScope(clock, signal, 0);
  try {
    const why = scope.interrupted ?? (await scope.pause(delayMs));
    if (why?.kind === 'aborted') {
      throw new AbortedError({ message: `${label} was aborted by its signal.`, cause: why.reason });
    }
  } finally {
    scope.close();
  }
}
