import { setTimeout } from 'node:timers/promises';

/** Waits, or stops waiting at the signal. Never throws. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await setTimeout(ms, undefined, { signal }).catch(() => undefined);
}
